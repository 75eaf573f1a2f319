using System.Buffers;
using System.Diagnostics.Metrics;

namespace Failover.Node.Metrics;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One metric name with all its series (one per combination of label values).</summary>
/// <remarks>Recording finds its series by comparing labels in a short array: no allocation, no lock but the series' own.</remarks>
internal sealed class MetricFamily
{
    /// <summary>Past this many label combinations, all further ones share one series labelled <c>overflow="true"</c>.</summary>
    private const int MaxSeries = 1000;

    private static readonly double[] SecondsBuckets =
    [
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
    ];

    private readonly string _help;
    private readonly bool _observed;
    private readonly double[] _bounds;
    private readonly Lock _growth = new();
    private MetricSeries[] _series = [];

    private MetricFamily(string name, string help, MetricKind kind, bool observed, double[] bounds)
    {
        Name = name;
        Kind = kind;
        _help = help;
        _observed = observed;
        _bounds = bounds;
    }

    public string Name { get; }

    public MetricKind Kind { get; }

    public static MetricFamily Of(Instrument instrument)
    {
        if (!IsValidName(instrument.Name))
            throw new ArgumentException($"{instrument.Name} is no valid Prometheus name.", nameof(instrument));
        var kind = instrument switch
        {
            Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> =>
                MetricKind.Counter,
            Histogram<double> or Histogram<long> => MetricKind.Histogram,
            _ => MetricKind.Gauge,
        };
        if (kind == MetricKind.Counter != instrument.Name.EndsWith("_total", StringComparison.Ordinal))
            throw new ArgumentException(
                $"{instrument.Name}: counters, and only they, end in _total.",
                nameof(instrument)
            );
        var bounds = kind != MetricKind.Histogram ? [] : BoundsOf(instrument);
        return new MetricFamily(instrument.Name, instrument.Description ?? "", kind, instrument.IsObservable, bounds);
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        SeriesOf(labels).Record(value, Kind, _observed);

    /// <summary>The series with these labels, made if it is new. The order of the labels matters: give it always the same.</summary>
    public MetricSeries SeriesOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        foreach (var series in Volatile.Read(ref _series))
        {
            if (series.Has(labels))
                return series;
        }
        lock (_growth)
        {
            foreach (var series in _series)
            {
                if (series.Has(labels))
                    return series;
            }
            if (_series.Length == MaxSeries)
                return _series[^1];
            var added =
                _series.Length == MaxSeries - 1
                    ? new MetricSeries([new("overflow", "true")], _bounds)
                    : new MetricSeries(labels, _bounds);
            Volatile.Write(ref _series, [.. _series, added]);
            return added;
        }
    }

    public void ForgetObserved()
    {
        if (!_observed)
            return;
        lock (_growth)
            Volatile.Write(ref _series, []);
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        var series = Volatile.Read(ref _series);
        if (series.Length == 0)
            return;
        PrometheusText.Header(output, Name, _help, Kind);
        foreach (var one in series)
            one.WriteTo(output, Name, Kind);
    }

    private static double[] BoundsOf(Instrument instrument) =>
        instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
            Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
            _ => SecondsBuckets,
        };

    private static bool IsValidName(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');
}

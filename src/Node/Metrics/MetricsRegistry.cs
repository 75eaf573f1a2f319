using System.Buffers;
using System.Diagnostics.Metrics;

namespace Failover.Node.Metrics;

/// <summary>
/// One node's instruments and what was measured with them, ready to be written as Prometheus text.
/// </summary>
/// <remarks>
/// Listens to its own <see cref="Meter"/> and to no other, so that several nodes in one process (as in tests) never mix
/// their figures. An instrument's name is the Prometheus name as it stands. Every member may be called from any thread.
/// </remarks>
internal sealed class MetricsRegistry : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _scrape = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    public MetricsRegistry()
    {
        Meter = new Meter("Failover.Node");
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.Start();
    }

    /// <summary>Where instruments are made. Names must be valid Prometheus names; counters end in <c>_total</c>.</summary>
    public Meter Meter { get; }

    /// <summary>Makes a series visible before anything was measured: an alert on a rate needs the zero before the first one.</summary>
    public void Expose(Instrument instrument, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        MetricFamily family;
        lock (_scrape)
            family = _families[instrument.Name];
        family.SeriesOf(labels);
    }

    /// <summary>Writes every family in Prometheus' text format 0.0.4, sorted by name.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        lock (_scrape)
        {
            // What an observable no longer reports (a peer that left) must vanish, not stay at its last value.
            foreach (var family in _families.Values)
                family.ForgetObserved();
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
                family.WriteTo(output);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Meter.Dispose();
    }

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!ReferenceEquals(instrument.Meter, Meter))
            return;
        var family = MetricFamily.Of(instrument);
        lock (_scrape)
        {
            if (!_families.TryAdd(instrument.Name, family))
                throw new ArgumentException($"The metric {instrument.Name} exists already.", nameof(instrument));
        }
        listener.EnableMeasurementEvents(instrument, family);
    }

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        ((MetricFamily)family!).Record(value, labels);
}

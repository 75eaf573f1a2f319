using System.Buffers;

namespace Failover.Node.Metrics;

/// <summary>One combination of label values and what was measured under it.</summary>
internal sealed class MetricSeries
{
    private readonly KeyValuePair<string, object?>[] _labels;
    private readonly string _rendered;
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private readonly Lock _gate = new();
    private double _value;
    private long _count;

    /// <param name="labels">Their values are compared with <see cref="object.Equals(object?)"/> and written invariantly.</param>
    /// <param name="bounds">A histogram's upper bounds, ascending; empty for the other kinds.</param>
    public MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> labels, double[] bounds)
    {
        _labels = labels.ToArray();
        _rendered = PrometheusText.Labels(_labels);
        _bounds = bounds;
        _counts = new long[bounds.Length];
    }

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels.Length != _labels.Length)
            return false;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i].Key != _labels[i].Key || !Equals(labels[i].Value, _labels[i].Value))
                return false;
        }
        return true;
    }

    /// <param name="absolute">Whether <paramref name="value"/> is the whole figure (an observed counter) or an addition.</param>
    public void Record(double value, MetricKind kind, bool absolute)
    {
        lock (_gate)
        {
            if (kind == MetricKind.Gauge || absolute)
            {
                _value = value;
                return;
            }
            _value += value;
            _count++;
            for (var i = 0; i < _bounds.Length; i++)
            {
                if (value > _bounds[i])
                    continue;
                _counts[i]++;
                break;
            }
        }
    }

    public void WriteTo(IBufferWriter<byte> output, string name, MetricKind kind)
    {
        lock (_gate)
        {
            if (kind != MetricKind.Histogram)
            {
                PrometheusText.Sample(output, name, _rendered, _value);
                return;
            }
            var below = 0L;
            for (var i = 0; i < _bounds.Length; i++)
            {
                below += _counts[i];
                PrometheusText.Sample(output, name + "_bucket", PrometheusText.WithBound(_rendered, _bounds[i]), below);
            }
            var all = PrometheusText.WithBound(_rendered, double.PositiveInfinity);
            PrometheusText.Sample(output, name + "_bucket", all, _count);
            PrometheusText.Sample(output, name + "_sum", _rendered, _value);
            PrometheusText.Sample(output, name + "_count", _rendered, _count);
        }
    }
}

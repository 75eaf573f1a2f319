using System.Numerics;

namespace Failover.Client.Load;

/// <summary>Counts durations in buckets of at most 1.6 % width, from a microsecond to hours.</summary>
/// <remarks>One owner; the histograms of several clients are added up afterwards.</remarks>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[SubBuckets * 40];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Add(TimeSpan duration)
    {
        _counts[Index(Microseconds(duration))]++;
        Count++;
        if (duration > Max)
            Max = duration;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
        if (other.Max > Max)
            Max = other.Max;
    }

    /// <param name="fraction">Between 0 and 1: 0.99 is the duration that 99 % did not exceed.</param>
    public TimeSpan Percentile(double fraction)
    {
        var wanted = (long)Math.Ceiling(fraction * Count);
        var seen = 0L;
        for (var i = 0; i < _counts.Length && Count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && _counts[i] > 0)
                return Min(TimeSpan.FromMicroseconds(HighestOf(i)), Max);
        }

        return Max;
    }

    private static long Microseconds(TimeSpan duration) => Math.Max(0, (long)duration.TotalMicroseconds);

    // Values below 64 have a bucket each; above, every power of two is divided into 64.
    private static int Index(long value)
    {
        if (value < SubBuckets)
            return (int)value;
        var shift = BitOperations.Log2((ulong)value) - SubBits;
        return (shift + 1) * SubBuckets + (int)((value >> shift) - SubBuckets);
    }

    private static long HighestOf(int index)
    {
        if (index < SubBuckets)
            return index;
        var shift = index / SubBuckets - 1;
        return ((index % SubBuckets + SubBuckets + 1L) << shift) - 1;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}

namespace Failover.Core.Detection;

/// <summary>
/// How surprising the present silence of a peer is, judged by the rhythm of its past heartbeats (Hayashibara et al.
/// 2004): φ = 1 means a silence as long as this would be wrong once in 10 times, φ = 8 once in 10⁸.
/// </summary>
public sealed class PhiAccrual(DetectionOptions options)
{
    private readonly double[] _intervals = new double[options.Window];
    private int _count;
    private int _next;
    private double _sum;
    private double _sumOfSquares;

    public Instant? LastHeartbeat { get; private set; }

    public void Heartbeat(Instant now)
    {
        if (LastHeartbeat is { } last)
            Add((now - last).TotalMilliseconds);
        LastHeartbeat = now;
    }

    /// <summary>Forgets the rhythm: another process is heard now.</summary>
    public void Reset()
    {
        LastHeartbeat = null;
        (_count, _next, _sum, _sumOfSquares) = (0, 0, 0, 0);
    }

    /// <summary>0 before the first heartbeat.</summary>
    public double Phi(Instant now)
    {
        if (LastHeartbeat is not { } last)
            return 0;
        var (mean, deviation) = Rhythm();
        // The logistic approximation of the normal distribution's tail; exact enough where decisions are taken.
        var y = ((now - last).TotalMilliseconds - mean) / deviation;
        var e = Math.Exp(-y * (1.5976 + (0.070566 * y * y)));
        return y > 0 ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - (1 / (1 + e)));
    }

    private (double Mean, double Deviation) Rhythm()
    {
        var expected = options.Interval.TotalMilliseconds;
        if (_count < 3)
            return (expected, Math.Max(expected / 2, options.MinDeviation.TotalMilliseconds));
        var mean = _sum / _count;
        var variance = Math.Max(0, (_sumOfSquares / _count) - (mean * mean));
        return (mean, Math.Max(Math.Sqrt(variance), options.MinDeviation.TotalMilliseconds));
    }

    private void Add(double interval)
    {
        // A silence that was survived must not teach that such silences are normal.
        interval = Math.Min(interval, options.Interval.TotalMilliseconds * options.Misses);
        if (_count == _intervals.Length)
        {
            var oldest = _intervals[_next];
            _sum -= oldest;
            _sumOfSquares -= oldest * oldest;
        }
        else
        {
            _count++;
        }

        _intervals[_next] = interval;
        _next = (_next + 1) % _intervals.Length;
        _sum += interval;
        _sumOfSquares += interval * interval;
    }
}

namespace Failover.Core.Detection;

/// <summary>
/// How surprising the present silence of a peer is, judged by the rhythm of its past heartbeats (Hayashibara et al.
/// 2004): φ = 1 means a silence as long as this would be wrong once in 10 times, φ = 8 once in 10⁸.
/// </summary>
/// <remarks>
/// A peer changes its pace and says so with each heartbeat, so the rhythm is kept as how late the heartbeats came: what
/// delays one (scheduling, the network) has nothing to do with how far apart they are sent.
/// </remarks>
public sealed class PhiAccrual(DetectionOptions options)
{
    private readonly double[] _delays = new double[options.Window];
    private int _count;
    private int _next;
    private double _sum;
    private double _sumOfSquares;

    public Instant? LastHeartbeat { get; private set; }

    /// <summary>Within how long of the last heartbeat the sender has promised the next.</summary>
    public TimeSpan NextWithin { get; private set; } = options.Interval;

    public void Heartbeat(TimeSpan nextWithin, Instant now)
    {
        if (LastHeartbeat is { } last)
            Add((now - last - NextWithin).TotalMilliseconds);
        LastHeartbeat = now;
        NextWithin = nextWithin;
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
        var y = ((now - last - NextWithin).TotalMilliseconds - mean) / deviation;
        var e = Math.Exp(-y * (1.5976 + (0.070566 * y * y)));
        return y > 0 ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - (1 / (1 + e)));
    }

    private (double Mean, double Deviation) Rhythm()
    {
        var expected = options.Interval.TotalMilliseconds;
        if (_count < 3)
            return (0, Math.Max(expected / 2, options.MinDeviation.TotalMilliseconds));
        var mean = _sum / _count;
        var variance = Math.Max(0, (_sumOfSquares / _count) - (mean * mean));
        return (mean, Math.Max(Math.Sqrt(variance), options.MinDeviation.TotalMilliseconds));
    }

    private void Add(double delay)
    {
        var interval = options.Interval.TotalMilliseconds;
        // A silence that was survived must not teach that such silences are normal; nor must one that was ended early,
        // by news, teach that a slow peer is an unsteady one.
        delay = Math.Clamp(delay, -interval, interval * (options.Misses - 1));
        if (_count == _delays.Length)
        {
            var oldest = _delays[_next];
            _sum -= oldest;
            _sumOfSquares -= oldest * oldest;
        }
        else
        {
            _count++;
        }

        _delays[_next] = delay;
        _next = (_next + 1) % _delays.Length;
        _sum += delay;
        _sumOfSquares += delay * delay;
    }
}

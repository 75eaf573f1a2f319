namespace Akka.Cluster.Detection;

/// <summary>Suspicion as a number that grows with the silence, scaled by how regular the heartbeats were before.</summary>
/// <remarks>
/// Hayashibara et al., "The φ Accrual Failure Detector" (2004): φ = −log₁₀ of the probability that a heartbeat comes even
/// later than now. Deviation: the normal distribution's tail is approximated by a logistic curve, whose error stays far below
/// the noise of the samples.
/// </remarks>
internal sealed class PhiAccrual
{
    private readonly DetectionOptions _options;
    private readonly Queue<double> _intervals = new();
    private double _sum;
    private double _sumOfSquares;

    /// <param name="firstExpected">When the first answer should be there at the latest; silence is measured from then.</param>
    public PhiAccrual(DetectionOptions options, TimeSpan firstExpected)
    {
        _options = options;
        LastHeard = firstExpected;

        // A guess with a wide spread, so that the first real intervals decide.
        var guess = options.HeartbeatInterval.TotalMilliseconds;
        Add(guess - guess / 4);
        Add(guess + guess / 4);
    }

    public TimeSpan LastHeard { get; private set; }

    public bool HasBeenHeard { get; private set; }

    public void Heard(TimeSpan now)
    {
        // The silence before the first answer, and that of a node given up, say nothing about how regular it is.
        var interval = (now - LastHeard).TotalMilliseconds;
        if (HasBeenHeard && interval >= 0 && IsAvailable(now))
            Add(interval);

        HasBeenHeard = true;
        LastHeard = now;
    }

    /// <summary>The silence up to now was the observer's own fault: it did not run.</summary>
    public void Forgive(TimeSpan pause) => LastHeard += pause;

    public bool IsAvailable(TimeSpan now) => Phi(now) < _options.Threshold;

    public double Phi(TimeSpan now)
    {
        var silence = (now - LastHeard).TotalMilliseconds;
        if (silence <= 0)
            return 0;

        var mean = _sum / _intervals.Count;
        var variance = Math.Max(0, _sumOfSquares / _intervals.Count - mean * mean);
        var deviation = Math.Max(Math.Sqrt(variance), _options.MinStandardDeviation.TotalMilliseconds);
        var y = (silence - mean - _options.AcceptableHeartbeatPause.TotalMilliseconds) / deviation;
        var e = Math.Exp(-y * (1.5976 + 0.070566 * y * y));
        return y > 0 ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - 1 / (1 + e));
    }

    private void Add(double interval)
    {
        if (_intervals.Count >= _options.MaxSampleSize)
        {
            var oldest = _intervals.Dequeue();
            _sum -= oldest;
            _sumOfSquares -= oldest * oldest;
        }

        _intervals.Enqueue(interval);
        _sum += interval;
        _sumOfSquares += interval * interval;
    }
}

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
    private readonly double _deviationsAllowed;
    private readonly Queue<double> _intervals = new();
    private double _sum;
    private double _sumOfSquares;

    /// <param name="firstExpected">When the first answer should be there at the latest; silence is measured from then.</param>
    public PhiAccrual(DetectionOptions options, TimeSpan firstExpected)
    {
        _options = options;
        _deviationsAllowed = DeviationsAt(options.Threshold);
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

    /// <summary>When silence since it was last heard reaches the threshold; <see cref="IsAvailable"/> at every instant before.</summary>
    public TimeSpan SuspectAt
    {
        get
        {
            var (mean, deviation) = Rhythm();
            var pause = _options.AcceptableHeartbeatPause.TotalMilliseconds;
            return LastHeard + TimeSpan.FromMilliseconds(mean + pause + _deviationsAllowed * deviation);
        }
    }

    public bool IsAvailable(TimeSpan now) => Phi(now) < _options.Threshold;

    public double Phi(TimeSpan now)
    {
        var silence = (now - LastHeard).TotalMilliseconds;
        if (silence <= 0)
            return 0;

        var (mean, deviation) = Rhythm();
        return Suspicion((silence - mean - _options.AcceptableHeartbeatPause.TotalMilliseconds) / deviation);
    }

    private static double Suspicion(double deviations)
    {
        var e = Math.Exp(-deviations * (1.5976 + 0.070566 * deviations * deviations));
        return deviations > 0 ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - 1 / (1 + e));
    }

    /// <summary>How many deviations later than usual a heartbeat must be for that suspicion, or a hair fewer.</summary>
    private static double DeviationsAt(double suspicion)
    {
        // Beyond these φ is 0 to the last digit, and more than any threshold that could be meant.
        var (low, high) = (-10.0, 30.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Suspicion(middle) < suspicion ? (middle, high) : (low, middle);
        }

        return low;
    }

    private (double Mean, double Deviation) Rhythm()
    {
        var mean = _sum / _intervals.Count;
        var variance = Math.Max(0, _sumOfSquares / _intervals.Count - mean * mean);
        return (mean, Math.Max(Math.Sqrt(variance), _options.MinStandardDeviation.TotalMilliseconds));
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

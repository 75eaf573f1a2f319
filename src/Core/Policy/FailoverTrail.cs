namespace Failover.Core.Policy;

/// <summary>When one partition failed over by itself, on the clock of the process that watches it.</summary>
/// <remarks>The back-off is a function of these instants alone; see docs/adr/0012-flap-damping.md.</remarks>
internal sealed class FailoverTrail
{
    private readonly TimeSpan _min;
    private readonly TimeSpan _max;
    private readonly List<Instant> _within = [];

    public FailoverTrail(TimeSpan min, TimeSpan max)
    {
        Invariant.Holds(min <= max);
        (_min, _max, BackOff) = (min, max, min);
    }

    /// <summary>The epoch of the newest failover; <see cref="Epoch.None"/> before the first.</summary>
    public Epoch Newest { get; private set; } = Epoch.None;

    /// <summary>When the newest one was seen; null if that is not known.</summary>
    public Instant? At { get; private set; }

    /// <summary>How long the next failover must keep away from the newest, if the primary that it made failed at once.</summary>
    public TimeSpan BackOff { get; private set; }

    /// <param name="at">Null: long ago, or nobody knows.</param>
    /// <param name="failedAtOnce">Whether the primary that this failover replaces had failed at once; null: nobody watched.</param>
    public void Add(Epoch epoch, Instant? at, bool? failedAtOnce = null)
    {
        Invariant.Holds(epoch > Newest);
        // Unwatched, only the distance tells. One that had to wait comes a whole back-off after the last, and then its
        // detection and its round: hence the half more.
        var succeeds = failedAtOnce ?? at - At < 1.5 * BackOff;
        BackOff =
            !succeeds ? _min
            : 2 * BackOff < _max ? 2 * BackOff
            : _max;
        (Newest, At) = (epoch, at);
        if (at is not { } known)
            return;
        _within.RemoveAll(earlier => known - earlier > FailoverAlarms.Window);
        _within.Add(known);
    }

    /// <summary>How many of them lie within <see cref="FailoverAlarms.Window"/> before <paramref name="now"/>.</summary>
    public int CountAt(Instant now)
    {
        _within.RemoveAll(at => now - at > FailoverAlarms.Window);
        return _within.Count;
    }
}

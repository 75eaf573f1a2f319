namespace Failover.Core.Detection;

/// <summary>When silence becomes suspicion.</summary>
public sealed record DetectionOptions
{
    /// <summary>How many intervals the heartbeats of a node that leads nothing lie apart while all is settled.</summary>
    public const int IdleFactor = 4;

    /// <summary>
    /// How many intervals the heartbeats of a claimant lie apart while nobody asks it anything: fewer than the answers to them are relied on
    /// (<see cref="Leases.LeaseOptions.Reliance"/>), so that it can always answer at once.
    /// </summary>
    public const double QuietFactor = 1.5;

    /// <summary>How often heartbeats are sent (<c>failover.heartbeat.interval</c>).</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a node that leads nothing sends them while all is settled.</summary>
    public TimeSpan IdleInterval => Interval * IdleFactor;

    /// <summary>How often a claimant sends them while nobody asks it anything.</summary>
    public TimeSpan QuietInterval => Interval * QuietFactor;

    /// <summary>How many heartbeats in a row must be missed (<c>failover.heartbeat.misses</c>).</summary>
    /// <value>Default 3. One more interval passes as grace.</value>
    public int Misses { get; init; } = 3;

    /// <summary>How surprising the silence must be as well (<c>failover.heartbeat.phi</c>).</summary>
    /// <value>Default 8.</value>
    public double Phi { get; init; } = 8;

    /// <summary>No rhythm is believed to be steadier than this.</summary>
    /// <value>Default 10 ms: about what a busy scheduler adds.</value>
    public TimeSpan MinDeviation { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How many intervals make the rhythm.</summary>
    /// <value>Default 100.</value>
    public int Window { get; init; } = 100;

    /// <summary>After how long a replica whose heartbeat goes on, but whose own work stands still, counts as hung.</summary>
    /// <value>Default 3 s.</value>
    public TimeSpan HungAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence that counts as missed heartbeats and their grace, of a peer at the full pace.</summary>
    public TimeSpan SilenceAllowed => SilenceAllowedAt(Interval);

    /// <summary>The same of a peer that said that its next heartbeat follows within <paramref name="nextWithin"/>.</summary>
    /// <remarks>
    /// One whole heartbeat may be lost at any pace: of a slow one TCP notices it only by a timer of 200 ms and more, because
    /// nothing follows that would be acknowledged. From then on the full pace's misses count.
    /// </remarks>
    public TimeSpan SilenceAllowedAt(TimeSpan nextWithin) => (nextWithin * 2) + (Interval * (Misses - 1));
}

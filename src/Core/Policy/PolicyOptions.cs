using System.Collections.Immutable;
using Failover.Core.Detection;

namespace Failover.Core.Policy;

public sealed record PolicyOptions
{
    public required NodeId Self { get; init; }

    /// <summary>The voters of a formation yet to be founded.</summary>
    public required ImmutableArray<NodeId> Voters { get; init; }

    /// <summary>How many partitions a new formation gets.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>The identity a new formation would get.</summary>
    public required FormationId NewFormation { get; init; }

    /// <summary>What this instance may decide.</summary>
    public Mandate Mandate { get; init; } = Mandate.Operator;

    public required DetectionOptions Detection { get; init; }

    /// <summary>How long to wait for the remaining nodes before a formation is founded without them.</summary>
    /// <value>Default 2 s.</value>
    public TimeSpan FoundingPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without a Monitor the best standby may propose itself (<c>failover.monitor.absence-timeout</c>).</summary>
    /// <value>Default 2 s.</value>
    public TimeSpan AbsenceTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a change of the voters may stand half done before it is brought to its end here.</summary>
    /// <value>Default 1 s: whoever began it needs some milliseconds.</value>
    public TimeSpan SettleVotersAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A primary that fails sooner than this after the automatic failover that made it has failed at once: the next
    /// failover keeps this long away from the last, and twice as long each time it happens again (<c>failover.monitor.back-off.min</c>).
    /// </summary>
    /// <value>Default 300 ms: what takes longer to fail was not failed by its promotion.</value>
    public TimeSpan BackOffMin { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// How long the role stays at least where an automatic failover has put it, although the application's health check fails
    /// there as well; twice as long each time it happens again (<c>failover.monitor.back-off.health</c>).
    /// </summary>
    /// <value>Default 10 s. Not above <see cref="BackOffMax"/>.</value>
    public TimeSpan HealthBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest time that a failover may be kept waiting so (<c>failover.monitor.back-off.max</c>).</summary>
    /// <value>Default 60 s. Not below <see cref="BackOffMin"/>.</value>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(60);
}

public enum Mandate
{
    /// <summary>The Monitor: founds the formation and decides every failover.</summary>
    Monitor,

    /// <summary>A data node: may only make itself primary, and only while no Monitor is heard of.</summary>
    StandIn,

    /// <summary>Carries out what an operator asks for, and nothing by itself.</summary>
    Operator,
}

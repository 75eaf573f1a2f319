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

using System.Collections.Immutable;
using Failover.Core.Replication;

namespace Failover.Core.Policy;

/// <summary>What a node says of itself in each heartbeat.</summary>
/// <param name="Formation">The formation it belongs to; null if it has never heard of one.</param>
/// <param name="Version">The newest committed state it knows; 0 for none.</param>
/// <param name="Monitoring">The Monitor singleton runs on it.</param>
public sealed record NodeReport(
    NodeId Node,
    Incarnation Incarnation,
    FormationId? Formation,
    long Version,
    bool Monitoring,
    ImmutableArray<ReplicaReport> Replicas
)
{
    public ReplicaReport? Of(PartitionId partition)
    {
        foreach (var replica in Replicas)
        {
            if (replica.Partition == partition)
                return replica;
        }

        return null;
    }

    /// <summary>Whether it says anything else than <paramref name="told"/> did that matters at once. Positions always differ, and the version is repaired in passing.</summary>
    public bool DiffersFrom(NodeReport told)
    {
        if (
            (Incarnation, Formation, Monitoring) != (told.Incarnation, told.Formation, told.Monitoring)
            || Replicas.Length != told.Replicas.Length
        )
            return true;
        // Asked for every heartbeat of every node: it allocates nothing.
        for (var i = 0; i < Replicas.Length; i++)
        {
            if (Replicas[i].DiffersFrom(told.Replicas[i]))
                return true;
        }

        return false;
    }

    /// <summary>Whether nothing has happened in between: only time may have passed.</summary>
    public bool SaysTheSameAs(NodeReport other)
    {
        if (other with { Replicas = Replicas } != this || other.Replicas.Length != Replicas.Length)
            return false;
        for (var i = 0; i < Replicas.Length; i++)
        {
            if (other.Replicas[i] with { Idle = Replicas[i].Idle } != Replicas[i])
                return false;
        }

        return true;
    }
}

/// <param name="Epoch">The newest epoch the replica has heard of.</param>
/// <param name="Last">Its last entry, committed or not.</param>
/// <param name="Commit">Sequence up to which it knows entries to be committed.</param>
/// <param name="Released">It has given its lease back and serves no more in this epoch.</param>
/// <param name="Idle">For how long the replica's own work has stood still; heartbeats come from elsewhere.</param>
/// <param name="Trouble">Why it cannot take part; null when all is well.</param>
public sealed record ReplicaReport(
    PartitionId Partition,
    ReplicaId Replica,
    ReplicaRole Role,
    Epoch Epoch,
    Position Last,
    long Commit,
    bool Released,
    TimeSpan Idle,
    string? Trouble
)
{
    /// <summary>
    /// Whether the sender claims the primary's lease with this report. One that hangs does not: the heartbeat of its node
    /// goes on, and renewing its lease would keep every successor away for as long as it hangs.
    /// </summary>
    public bool Claims(TimeSpan hungAfter) =>
        !Released && Idle < hungAfter && Role is ReplicaRole.Promoting or ReplicaRole.Primary or ReplicaRole.Draining;

    /// <inheritdoc cref="NodeReport.DiffersFrom"/>
    public bool DiffersFrom(ReplicaReport told) =>
        (Replica, Role, Epoch, Released, Trouble) != (told.Replica, told.Role, told.Epoch, told.Released, told.Trouble);
}

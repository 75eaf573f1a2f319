using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>What this node is in one partition, as the health checks of load balancers ask it (Patroni's conventions).</summary>
/// <param name="Replica">This node's replica of the partition; null when it holds none.</param>
/// <param name="View">The partition's view; null when the partition is not known.</param>
internal sealed record RoleChecks(NodeId Self, ReplicaView? Replica, PartitionView? View)
{
    public bool InSync => View is not null && View.InSync.Contains(Self);

    /// <summary>
    /// Says it is primary, is the view's primary, and serves under a lease that still runs: a deposed primary fails the
    /// second as soon as it hears of it, and the last even if it never does.
    /// </summary>
    public bool IsPrimary =>
        Replica is { Reported: "primary" } replica
        && View is { Serving: true } view
        && view.Primary == Self
        && !(replica.LeaseRemaining <= TimeSpan.Zero);

    /// <summary>A standby that holds every acknowledged write.</summary>
    public bool IsSync => Replica is { Reported: "standby" } && InSync && View!.Primary != Self;

    public static RoleChecks Of(NodeSnapshot now, NodeId self, PartitionId partition) =>
        new(
            self,
            now.Nodes.FirstOrDefault(n => n.Node == self)?.Replicas.FirstOrDefault(r => r.Partition == partition),
            now.Partitions.FirstOrDefault(p => p.Partition == partition)
        );

    /// <param name="lag">The most entries it may be behind; null: only a standby in sync will do.</param>
    public bool IsStandby(long? lag)
    {
        if (lag is null)
            return IsSync;
        return (IsSync || Replica is { Reported: "joining" or "standby" }) && Replica!.Lag <= lag;
    }

    public RoleDocument Describe(PartitionId partition) =>
        new(
            Self.Value,
            partition.Value,
            Replica?.Reported ?? "none",
            Replica?.Assigned ?? "none",
            View?.Epoch.Value ?? 0,
            Views.At(Replica),
            Replica?.Lag,
            InSync,
            View?.Serving ?? false
        );
}

using System.Globalization;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>Turns the node's snapshot into the documents clients read.</summary>
internal static class Views
{
    public static ClusterDocument Cluster(NodeSnapshot now, NodeId self) =>
        new(
            self.Value,
            now.Formation?.ToString(),
            now.Version,
            now.Paused,
            now.Monitor?.Value,
            now.Leader,
            [.. now.Nodes.Select(Node)],
            [.. now.Partitions.Select(Partition)],
            [.. now.Voters.Select(v => v.Value)],
            now.Problems,
            now.Alarms
        );

    public static VotersDocument Voters(NodeSnapshot now) =>
        new(
            now.Version,
            [.. now.Voters.Select(v => v.Value)],
            [.. now.FormerVoters.Select(v => v.Value)],
            Core.Views.FormationState.MajorityOf(now.Voters.Length)
        );

    public static HistoryDocument History(NodeSnapshot now) =>
        new([
            .. now.History.Select(h => new HistoryEvent(
                h.Version,
                Time(h.At),
                h.Kind,
                h.Partition?.Value,
                h.Epoch.Value,
                h.From?.Value,
                h.To?.Value,
                h.Reason,
                h.Evidence,
                h.PhasesMs.IsEmpty ? null : h.PhasesMs
            )),
        ]);

    public static SystemStatus System(NodeSnapshot now)
    {
        var first = now.Partitions.FirstOrDefault();
        var healthy = now.Nodes.Count(Healthy);
        var serving = now.Partitions.Count(p => p.Serving);
        var all = serving == now.Partitions.Length && healthy == now.Nodes.Length && now.Problems.IsEmpty;
        return new(
            serving == 0 ? "down"
                : all ? "healthy"
                : "degraded",
            now.Formation?.ToString(),
            now.Version,
            !now.Paused,
            now.Monitor?.Value,
            first?.Primary?.Value,
            first?.Epoch.Value ?? 0,
            now.Nodes.Length,
            healthy,
            [.. now.Partitions.Select(Partition)],
            now.Problems
        );
    }

    public static FailoverStatus Failover(NodeSnapshot now, NodeId self, PartitionId partition, string instance)
    {
        var check = RoleChecks.Of(now, self, partition);
        var primary = check.View?.Primary;
        var age = primary == self ? TimeSpan.Zero : now.Nodes.FirstOrDefault(n => n.Node == primary)?.HeartbeatAge;
        return new(
            self.Value,
            instance,
            check.IsPrimary,
            check.Replica?.Reported ?? "none",
            check.View?.Epoch.Value ?? 0,
            partition.Value,
            Milliseconds(age),
            At(check.Replica),
            now.Application
        );
    }

    /// <summary>Seed 001's health document: its node list holds the others, its counts hold this node too.</summary>
    public static StoreHealth Store(NodeSnapshot now, NodeId self, int retryAttempts)
    {
        var total = Math.Max(now.Voters.Length, now.Nodes.Length);
        var healthy = now.Nodes.Count(Healthy);
        var required = now.Voters.Length / 2 + 1;
        var voters = now.Nodes.Count(n => Healthy(n) && now.Voters.Contains(n.Node));
        var writable = now.Partitions.Length > 0 && now.Partitions.All(p => p.Serving);
        var status =
            Unhealthy(now).Count > 0 ? "unhealthy"
            : writable && healthy == total ? "healthy"
            : "degraded";
        return new(
            status,
            new(
                now.Nodes.Count(n => n.Roles.Contains("data")) > 1,
                total,
                healthy,
                total - healthy,
                required,
                voters >= required,
                writable,
                !now.Paused,
                retryAttempts,
                [
                    .. now
                        .Nodes.Where(n => n.Node != self && n.Http is not null)
                        .Select(n => new StoreNode($"{n.Http}/kv-store/v1", Healthy(n))),
                ]
            )
        );
    }

    public static NodeHealth Health(NodeSnapshot now, NodeId self)
    {
        var reasons = Unhealthy(now);
        return new(
            reasons.Count == 0 ? "healthy" : "unhealthy",
            self.Value,
            now.Formation?.ToString(),
            now.Version,
            reasons
        );
    }

    /// <summary>Why this node itself is not healthy; empty when it is.</summary>
    public static IReadOnlyList<string> Unhealthy(NodeSnapshot now) =>
        now.Formation is null && now.Problems.IsEmpty ? ["the formation is not known yet"] : now.Problems;

    public static PositionDocument? At(ReplicaView? replica) =>
        replica is null ? null : new(replica.Position.Epoch.Value, replica.Position.Sequence);

    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static NodeDocument Node(NodeView node) =>
        new(
            node.Node.Value,
            node.Roles,
            node.Address,
            node.Http,
            node.Pbm,
            node.Status,
            node.Reachability,
            Milliseconds(node.HeartbeatAge),
            double.IsFinite(node.Phi) ? Math.Round(node.Phi, 2) : double.MaxValue,
            node.Probe,
            node.Maintenance,
            node.Version,
            [.. node.Replicas.Select(Replica)]
        );

    private static ReplicaDocument Replica(ReplicaView replica) =>
        new(
            replica.Partition.Value,
            replica.Reported,
            replica.Assigned,
            replica.Epoch.Value,
            At(replica)!,
            replica.Commit,
            replica.Lag,
            Milliseconds(replica.LeaseRemaining),
            replica.Trouble
        );

    private static PartitionDocument Partition(PartitionView partition) =>
        new(
            partition.Partition.Value,
            partition.Epoch.Value,
            partition.Primary?.Value,
            [.. partition.InSync.Select(n => n.Value)],
            partition.Serving
        );

    private static bool Healthy(NodeView node) => node.Status == "up" && node.Reachability == "reachable";

    private static double? Milliseconds(TimeSpan? time) =>
        time is { } value ? Math.Round(value.TotalMilliseconds, 1) : null;
}

using System.Collections.Immutable;
using Akka.Cluster;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;

namespace Failover.Node.Routing;

/// <summary>Puts together what this node knows of the formation, from what its actors have published.</summary>
internal static class NodePicture
{
    public static NodeSnapshot Of(NodeParts parts)
    {
        var now = parts.Clock.Now;
        var state = parts.Knowledge.State;
        var nodes = Names(parts, state).Select(node => Node(parts, state, node, now)).ToImmutableArray();
        return new NodeSnapshot(
            state?.Formation,
            state?.Version ?? 0,
            state?.Paused ?? false,
            MonitorOf(parts),
            nodes,
            state is null ? [] : [.. state.Views.Select(v => Partition(parts, v.Key, v.Value, now))],
            state?.Voters ?? [],
            state is null ? [] : [.. state.History.Select(History)],
            Problems(parts, state)
        )
        {
            Alarms = [.. state is null ? [] : FailoverAlarms.Of(state, parts.Clock.WallNow), .. Troubles(parts)],
            FormerVoters = state?.Former ?? [],
            Application = parts.Board.Application,
        };
    }

    private static IEnumerable<NodeId> Names(NodeParts parts, FormationState? state) =>
        parts.Directory.Nodes.Keys.Concat(state?.Electorate.All ?? []).Append(parts.Self).Distinct().Order();

    private static NodeId? MonitorOf(NodeParts parts)
    {
        foreach (var (node, sight) in parts.Sights.Peers)
        {
            if (sight.Report is { Monitoring: true } && sight.Verdict == Core.Detection.Verdict.Alive)
                return node;
        }

        return parts.Sights.SelfMonitors ? parts.Self : null;
    }

    private static NodeView Node(NodeParts parts, FormationState? state, NodeId node, Instant now)
    {
        var info = parts.Directory.Find(node);
        var isSelf = node == parts.Self;
        var sight = parts.Sights.Peers.GetValueOrDefault(node);
        var (status, clusterReachable) = Membership(parts, info);
        var reports = isSelf ? parts.Board.Report(now) : sight?.Report?.Replicas ?? [];
        return new NodeView(
            node,
            info?.Roles ?? [],
            info?.Address,
            string.IsNullOrEmpty(info?.Http) ? null : info.Http,
            status,
            Reachability(isSelf, sight, clusterReachable),
            isSelf ? TimeSpan.Zero : Age(sight, now),
            isSelf ? 0 : sight?.Phi ?? 0,
            isSelf ? "connected" : (sight?.Probe ?? Core.Detection.ProbeState.Unknown).ToString().ToLowerInvariant(),
            state?.Maintenance.Contains(node) ?? false,
            info?.Version,
            Replicas(parts, state, node, info, reports, now)
        )
        {
            Pbm = string.IsNullOrEmpty(info?.Pbm) ? null : info.Pbm,
        };
    }

    /// <summary>The picture was taken a moment after <paramref name="now"/>, perhaps.</summary>
    private static TimeSpan? Age(PeerSight? sight, Instant now) =>
        sight?.LastHeartbeat is { } last ? (now > last ? now - last : TimeSpan.Zero) : null;

    private static (string Status, bool Reachable) Membership(NodeParts parts, NodeInfo? info)
    {
        if (info is null)
            return ("unknown", false);
        var state = Cluster.Get(parts.System).State;
        var member = state.Members.FirstOrDefault(m => m.Address.ToString() == info.Address);
        return member is null
            ? ("down", false)
            : (member.Status.ToString().ToLowerInvariant(), !state.Unreachable.Contains(member));
    }

    private static string Reachability(bool isSelf, PeerSight? sight, bool clusterReachable) =>
        isSelf ? "reachable"
        : sight is null ? (clusterReachable ? "reachable" : "unknown")
        : sight.Verdict switch
        {
            Core.Detection.Verdict.Alive => "reachable",
            Core.Detection.Verdict.Unknown => "unknown",
            _ => "unreachable",
        };

    private static ImmutableArray<ReplicaView> Replicas(
        NodeParts parts,
        FormationState? state,
        NodeId node,
        NodeInfo? info,
        ImmutableArray<ReplicaReport> reports,
        Instant now
    )
    {
        var views = ImmutableArray.CreateBuilder<ReplicaView>();
        foreach (var report in reports)
        {
            var view = state?.ViewOf(report.Partition);
            views.Add(
                new ReplicaView(
                    report.Partition,
                    report.Role.ToString().ToLowerInvariant(),
                    Assigned(view, report.Replica),
                    report.Epoch,
                    report.Last,
                    report.Commit,
                    Lag(parts, view, report, now),
                    node == parts.Self ? LeaseLeft(parts, report, now) : null,
                    report.Trouble
                )
            );
        }

        // A data node that was never heard still has its place in the view.
        if (views.Count == 0 && state is not null && info is not { HasData: false })
            views.AddRange(Unheard(state, node));
        return views.ToImmutable();
    }

    private static TimeSpan? LeaseLeft(NodeParts parts, ReplicaReport report, Instant now) =>
        parts.Board.Leases.Of(report.Partition) is { HeldUntil: { } until } lease
        && lease.Epoch == report.Epoch
        && !report.Released
            ? until - now
            : null;

    private static IEnumerable<ReplicaView> Unheard(FormationState state, NodeId node) =>
        from entry in state.Views
        let replica = entry.Value.On(node)
        where replica is not null
        select new ReplicaView(
            entry.Key,
            "unknown",
            Assigned(entry.Value, replica.Value),
            entry.Value.Epoch,
            Position.Zero,
            0,
            null,
            null,
            null
        );

    private static string Assigned(View? view, ReplicaId replica) =>
        view is null ? "none"
        : view.Primary == replica ? "primary"
        : view.Contains(replica) ? "standby"
        : "joining";

    private static long? Lag(NodeParts parts, View? view, ReplicaReport report, Instant now)
    {
        if (view is null)
            return null;
        var primary =
            view.Primary.Node == parts.Self
                ? parts.Board.Report(now).FirstOrDefault(r => r.Partition == report.Partition)
                : parts.Sights.Peers.GetValueOrDefault(view.Primary.Node)?.Report?.Of(report.Partition);
        // Heartbeats of two nodes are of two instants: a replica may seem ahead for one of them.
        return primary is null ? null : Math.Max(0, primary.Last.Sequence - report.Last.Sequence);
    }

    private static PartitionView Partition(NodeParts parts, PartitionId partition, View view, Instant now)
    {
        var primary =
            view.Primary.Node == parts.Self ? parts.Board.Report(now).FirstOrDefault(r => r.Partition == partition)
            : parts.Sights.Peers.GetValueOrDefault(view.Primary.Node) is { Verdict: Core.Detection.Verdict.Alive } sight
                ? sight.Report?.Of(partition)
            : null;
        var serving = primary is { Role: ReplicaRole.Primary } && primary.Epoch == view.Epoch && !primary.Released;
        return new PartitionView(
            partition,
            view.Epoch,
            view.Primary.Node,
            [.. view.InSync.Select(r => r.Node)],
            serving
        );
    }

    private static HistoryView History(HistoryEvent entry) =>
        new(
            entry.Version,
            DateTimeOffset.FromUnixTimeMilliseconds(entry.At.UnixMilliseconds),
            KindName(entry.Kind),
            entry.Partition,
            entry.Epoch,
            entry.From,
            entry.To,
            entry.Reason,
            entry.Evidence,
            entry.Phases is { } phases
                ? ImmutableDictionary.CreateRange<string, double>([
                    phases.Drained is { } drained ? new("drained", drained) : new("detected", phases.Detected),
                    new("decided", phases.Decided),
                    new("promoted", phases.Promoted),
                ])
                : ImmutableDictionary<string, double>.Empty
        );

    private static string KindName(DecisionKind kind) =>
        kind switch
        {
            DecisionKind.ForcedInSync => "forced",
            DecisionKind.InSyncAdded => "in-sync-added",
            DecisionKind.InSyncRemoved => "in-sync-removed",
            DecisionKind.MaintenanceEnabled => "maintenance-enabled",
            DecisionKind.MaintenanceDisabled => "maintenance-disabled",
            DecisionKind.VoterAdded => "voter-added",
            DecisionKind.VoterRemoved => "voter-removed",
            _ => kind.ToString().ToLowerInvariant(),
        };

    /// <summary>What other nodes say of themselves; this one's own troubles are its problems.</summary>
    private static IEnumerable<string> Troubles(NodeParts parts) =>
        from peer in parts.Sights.Peers
        orderby peer.Key
        where peer.Value is { Verdict: Core.Detection.Verdict.Alive, Report: not null }
        from trouble in peer.Value.Report!.Replicas.Select(r => r.Trouble).OfType<string>().Distinct()
        select $"{peer.Key}: {trouble}";

    private static ImmutableArray<string> Problems(NodeParts parts, FormationState? state)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        if (state is null)
            problems.Add("the formation's state is not known yet");
        if (parts.Board.Ailment is { } ailment)
            problems.Add(ailment);
        foreach (var line in parts.Board.Lines)
        {
            if (line.Trouble is { } trouble)
                problems.Add($"partition {line.Partition}: {trouble}");
            else if (line.Role == ReplicaRole.Starting)
                problems.Add($"partition {line.Partition} is starting");
        }

        foreach (var partition in state?.Views.Keys ?? [])
        {
            if (LostData.Of(parts, partition) is { } lost)
                problems.Add(lost);
        }

        return problems.ToImmutable();
    }
}

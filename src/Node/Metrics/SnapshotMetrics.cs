using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Failover.Core;
using Failover.Node.Http;
using Failover.Node.Routing;

namespace Failover.Node.Metrics;

/// <summary>Gauges read from the node's current snapshot at each scrape: nobody has to keep them up to date.</summary>
internal sealed class SnapshotMetrics
{
    private static readonly string[] Roles =
    [
        "starting",
        "candidate",
        "joining",
        "standby",
        "promoting",
        "primary",
        "draining",
        "failed",
        "unknown",
    ];

    private readonly INodeService _service;

    private SnapshotMetrics(INodeService service) => _service = service;

    private NodeSnapshot Now => _service.Current;

    private NodeId Self => _service.Self;

    /// <summary>Adds the gauges of <paramref name="service"/>'s node to the registry.</summary>
    /// <param name="version">The program's version, for <c>failover_build_info</c>.</param>
    public static void Register(MetricsRegistry registry, INodeService service, string version)
    {
        var metrics = new SnapshotMetrics(service);
        metrics.AddLeader(registry.Meter);
        metrics.AddReplicas(registry.Meter);
        metrics.AddPeers(registry.Meter);
        metrics.AddNode(registry.Meter, version);
    }

    private void AddLeader(Meter meter)
    {
        meter.CreateObservableGauge(
            "leader_status",
            () => Own(r => RoleChecks.Of(Now, Self, r.Partition).IsPrimary ? 1 : 0),
            description: "Whether this node is the partition's primary and serves (1) or not (0)."
        );
        meter.CreateObservableGauge(
            "leader_epoch",
            () => Partitions(p => p.Epoch.Value),
            description: "The epoch of the partition's view that this node knows."
        );
        meter.CreateObservableGauge(
            "leader_heartbeat_age_seconds",
            () => Partitions(HeartbeatAgeOfPrimary),
            description: "Age of the last heartbeat of the partition's primary; 0 on the primary itself."
        );
    }

    private void AddReplicas(Meter meter)
    {
        meter.CreateObservableGauge(
            "failover_replica_role",
            ObserveRoles,
            description: "1 for the role that this node's replica reports, 0 for the others."
        );
        meter.CreateObservableGauge(
            "failover_replica_position",
            () => Own(r => r.Position.Sequence),
            description: "Sequence of the last log entry of this node's replica."
        );
        meter.CreateObservableGauge(
            "failover_replica_commit_position",
            () => Own(r => r.Commit),
            description: "Sequence of the last log entry that this node's replica knows to be committed."
        );
        meter.CreateObservableGauge(
            "failover_lease_remaining_seconds",
            () => Own(r => r.LeaseRemaining?.TotalSeconds),
            description: "How long this node's lease as primary still lasts without a further heartbeat."
        );
        meter.CreateObservableGauge(
            "failover_replica_lag_entries",
            ObserveLag,
            description: "Log entries that a node's replica is behind the primary."
        );
        meter.CreateObservableGauge(
            "failover_in_sync_replicas",
            () => Partitions(p => p.InSync.Length),
            description: "Replicas that hold every acknowledged write of the partition, its primary included."
        );
        meter.CreateObservableGauge(
            "failover_partition_serving",
            () => Partitions(p => p.Serving ? 1 : 0),
            description: "Whether the partition has a primary that serves, as this node sees it."
        );
    }

    private void AddPeers(Meter meter)
    {
        meter.CreateObservableGauge(
            "failover_suspicion_phi",
            () => Peers(n => n.Phi),
            description: "Suspicion of the phi-accrual detector against a peer."
        );
        meter.CreateObservableGauge(
            "failover_peer_heartbeat_age_seconds",
            () => Peers(n => n.HeartbeatAge?.TotalSeconds),
            description: "Age of a peer's last heartbeat."
        );
        meter.CreateObservableGauge(
            "failover_peer_reachable",
            () => Peers(n => n.Reachability == "reachable" ? 1 : 0),
            description: "Whether a peer is reachable (1) or not (0)."
        );
        meter.CreateObservableGauge(
            "failover_probe_state",
            () =>
                from node in Now.Nodes
                where node.Node != Self
                select new Measurement<double>(1, Label("peer", node.Node.Value), Label("state", node.Probe)),
            description: "1 for the state of the liveness probe to a peer."
        );
    }

    private void AddNode(Meter meter, string version)
    {
        meter.CreateObservableGauge(
            "failover_formation_version",
            () => Now.Version,
            description: "Version of the formation state that this node knows."
        );
        meter.CreateObservableGauge(
            "failover_paused",
            () => Now.Paused ? 1 : 0,
            description: "Whether automatic failover is switched off (1) or on (0)."
        );
        meter.CreateObservableGauge(
            "failover_node_problems",
            () => Now.Problems.Length,
            description: "Problems that this node reports of itself; GET /health names them."
        );
        meter.CreateObservableGauge(
            "failover_alarms",
            () => Now.Alarms.Length,
            description: "Partitions that failed over by themselves too often within the last hour, and troubles that other nodes report; GET /cluster names them."
        );
        meter.CreateObservableGauge(
            "failover_node_maintenance",
            () => Now.Nodes.Any(n => n.Node == Self && n.Maintenance) ? 1 : 0,
            description: "Whether this node is in maintenance."
        );
        meter.CreateObservableGauge(
            "failover_build_info",
            () =>
                new Measurement<double>(
                    1,
                    Label("version", version),
                    Label("runtime", RuntimeInformation.FrameworkDescription),
                    Label("node", Self.Value)
                ),
            description: "1, with what this program is in its labels."
        );
        meter.CreateObservableGauge(
            "process_resident_memory_bytes",
            () => Environment.WorkingSet,
            description: "Resident memory size in bytes."
        );
        meter.CreateObservableGauge(
            "failover_managed_heap_bytes",
            () => GC.GetTotalMemory(forceFullCollection: false),
            description: "Bytes that managed objects take, those included that nobody uses any more."
        );
        meter.CreateObservableCounter(
            "process_cpu_seconds_total",
            () => Environment.CpuUsage.TotalTime.TotalSeconds,
            description: "Total user and system CPU time spent in seconds."
        );
    }

    private double? HeartbeatAgeOfPrimary(PartitionView partition)
    {
        if (partition.Primary is not { } primary)
            return null;
        return primary == Self ? 0 : Now.Nodes.FirstOrDefault(n => n.Node == primary)?.HeartbeatAge?.TotalSeconds;
    }

    private IEnumerable<Measurement<double>> ObserveRoles() =>
        from replica in OwnReplicas()
        from role in Roles
        select new Measurement<double>(
            replica.Reported == role ? 1 : 0,
            Label("partition", PartitionLabel.Of(replica.Partition)),
            Label("role", role)
        );

    private IEnumerable<Measurement<double>> ObserveLag() =>
        from node in Now.Nodes
        from replica in node.Replicas
        where replica.Lag is not null
        select new Measurement<double>(
            replica.Lag!.Value,
            Label("partition", PartitionLabel.Of(replica.Partition)),
            Label("node", node.Node.Value)
        );

    private IEnumerable<ReplicaView> OwnReplicas() => Now.Nodes.Where(n => n.Node == Self).SelectMany(n => n.Replicas);

    /// <summary>One measurement per replica of this node that has the figure.</summary>
    private IEnumerable<Measurement<double>> Own(Func<ReplicaView, double?> figure) =>
        from replica in OwnReplicas()
        let value = figure(replica)
        where value is not null
        select new Measurement<double>(value.Value, Label("partition", PartitionLabel.Of(replica.Partition)));

    private IEnumerable<Measurement<double>> Partitions(Func<PartitionView, double?> figure) =>
        from partition in Now.Partitions
        let value = figure(partition)
        where value is not null
        select new Measurement<double>(value.Value, Label("partition", PartitionLabel.Of(partition.Partition)));

    private IEnumerable<Measurement<double>> Peers(Func<NodeView, double?> figure) =>
        from node in Now.Nodes
        where node.Node != Self
        let value = figure(node)
        where value is not null
        select new Measurement<double>(value.Value, Label("peer", node.Node.Value));

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}

using System.Collections.Immutable;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

/// <summary>Snapshots of a formation with one monitor and two data nodes, as app1 sees them.</summary>
internal static class Formations
{
    public static readonly FormationId Id = new(Guid.Parse("6f1c2a0e-5b7d-4a34-9a11-1d2f3c4b5a69"));

    private static readonly PartitionId Zero = new(0);

    /// <summary>app1 is primary and serves, app2 is in sync.</summary>
    public static NodeSnapshot Serving() =>
        new(
            Id,
            12,
            Paused: false,
            new NodeId("monitor1"),
            [
                Node("monitor1", 8080, "monitor"),
                Node("app1", 8081, "data", Replica("primary", "primary", lag: 0) with { LeaseRemaining = Ms(250) }),
                Node("app2", 8082, "data", Replica("standby", "standby", lag: 0)),
            ],
            [new PartitionView(Zero, new Epoch(3), new NodeId("app1"), [new("app1"), new("app2")], Serving: true)],
            [new("monitor1"), new("app1"), new("app2")],
            [
                new HistoryView(
                    7,
                    new DateTimeOffset(2026, 11, 20, 10, 0, 0, 123, TimeSpan.Zero),
                    "failover",
                    Zero,
                    new Epoch(3),
                    new NodeId("app2"),
                    new NodeId("app1"),
                    "app2's process is gone",
                    ["heartbeat of app2 is 212 ms old (3 misses)", "probe of app2: connection refused"],
                    ImmutableDictionary<string, double>.Empty.Add("detected", 1.2).Add("firstCommit", 8.1)
                ),
            ],
            []
        );

    /// <summary>The same with this node's replica, or the partition's view, changed.</summary>
    public static NodeSnapshot With(
        Func<ReplicaView, ReplicaView>? own = null,
        Func<PartitionView, PartitionView>? view = null
    )
    {
        var now = Serving();
        return now with
        {
            Nodes =
            [
                .. now.Nodes.Select(n =>
                    n.Node.Value == "app1" && own is not null ? n with { Replicas = [own(n.Replicas[0])] } : n
                ),
            ],
            Partitions = view is null ? now.Partitions : [view(now.Partitions[0])],
        };
    }

    /// <summary>app1 is a standby of app2.</summary>
    public static NodeSnapshot Standby(bool inSync = true, string reported = "standby", long? lag = 0) =>
        With(
            own: r => r with { Reported = reported, Assigned = "standby", Lag = lag, LeaseRemaining = null },
            view: p =>
                p with
                {
                    Primary = new NodeId("app2"),
                    InSync = inSync ? [new("app1"), new("app2")] : [new("app2")],
                }
        );

    private static NodeView Node(string name, int port, string role, params ReplicaView[] replicas) =>
        new(
            new NodeId(name),
            [role],
            $"akka.tcp://failover@127.0.0.1:{port + 1000}",
            $"http://127.0.0.1:{port}",
            "up",
            "reachable",
            name == "app1" ? TimeSpan.Zero : Ms(12.5),
            0.25,
            name == "app1" ? "self" : "connected",
            Maintenance: false,
            "0.1.0",
            [.. replicas]
        )
        {
            Pbm = $"127.0.0.1:{port + 2000}",
        };

    private static ReplicaView Replica(string reported, string assigned, long? lag) =>
        new(Zero, reported, assigned, new Epoch(3), new Position(new Epoch(3), 120), 120, lag, null, null);

    private static TimeSpan Ms(double value) => TimeSpan.FromMilliseconds(value);
}

using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Monitor.Tests;

/// <summary>A <see cref="MonitorActor"/> with a test's probes in place of its node's register and heartbeat.</summary>
public abstract class MonitorStories : Akka.TestKit.Xunit2.TestKit
{
    private protected static readonly PartitionId P0 = new(0);
    private protected static readonly NodeId App1 = new("app1");
    private protected static readonly NodeId App2 = new("app2");
    private protected static readonly NodeId Monitor1 = new("monitor1");
    private protected static readonly ReplicaId Replica1 = new(App1, new DataId(new Guid(1, 0, 0, new byte[8])));
    private protected static readonly ReplicaId Replica2 = new(App2, new DataId(new Guid(2, 0, 0, new byte[8])));

    private protected static readonly FormationId Formation = new(new Guid(9, 0, 0, new byte[8]));

    private protected MonitorStories()
    {
        Register = CreateTestProbe();
        Heartbeat = CreateTestProbe();
        Primary = CreateTestProbe();
        Happenings = CreateTestProbe();
        Sys.EventStream.Subscribe(Happenings, typeof(Happening));
    }

    private protected ManualTime Time { get; } = new();

    private protected TestProbe Register { get; }

    private protected TestProbe Heartbeat { get; }

    /// <summary>app1's replica.</summary>
    private protected TestProbe Primary { get; }

    private protected TestProbe Happenings { get; }

    // ---- given

    private protected IActorRef Started(Mandate mandate, NodeId? self = null)
    {
        var policy = new PolicyOptions
        {
            Self = self ?? Monitor1,
            Voters = [App1, App2, Monitor1],
            NewFormation = Formation,
            Detection = new DetectionOptions(),
        };
        var primary = Primary.Ref;
        var setup = new MonitorSetup(
            policy,
            Register,
            Heartbeat,
            new MonotonicClock(Time),
            (node, _) => node == App1 ? primary : null,
            TimeSpan.FromSeconds(5)
        );
        var monitor = Sys.ActorOf(MonitorActor.Props(setup, mandate));
        Register.ExpectMsg<ReadFormation>();
        if (mandate == Mandate.Monitor)
            Heartbeat.ExpectMsg(new MonitorRuns(true));
        Heartbeat.ExpectMsg<ObserveNodes>();
        return monitor;
    }

    /// <summary>Knows a formation that app1 leads, with app2 in sync, and has heard everybody.</summary>
    private protected IActorRef Watching(Mandate mandate, NodeId? self = null)
    {
        var monitor = Started(mandate, self);
        Register.Send(monitor, new FormationRead(State(1)));
        Hears(monitor, App1, Report(Replica1, ReplicaRole.Primary));
        Hears(monitor, App2, Report(Replica2, ReplicaRole.Standby));
        Hears(monitor, Monitor1);
        return monitor;
    }

    // ---- happens

    private protected void Hears(IActorRef monitor, NodeId node, params ReplicaReport[] replicas) =>
        Heartbeat.Send(monitor, new NodeObserved(node, Says(node, replicas), new Assessment(Verdict.Alive, [], null)));

    private protected void Buries(IActorRef monitor, NodeId node) =>
        Heartbeat.Send(monitor, new NodeObserved(node, null, new Assessment(Verdict.Dead, ["its port refuses"], null)));

    private protected void Suspects(IActorRef monitor, NodeId node) =>
        Heartbeat.Send(monitor, new NodeObserved(node, null, new Assessment(Verdict.Suspected, ["silent"], null)));

    /// <summary>Everything that was sent to it so far is done: it has answered a question that was sent after it.</summary>
    private protected void Settled(IActorRef monitor)
    {
        monitor.Tell(new ForceFailover(new PartitionId(5), false));
        ExpectMsg(new FailoverForced.Refused("there is no partition 5"));
    }

    // ---- what is said

    private protected static NodeReport Says(NodeId node, params ReplicaReport[] replicas) =>
        new(node, new Incarnation(1), null, 0, node == Monitor1, [.. replicas]);

    private protected static ReplicaReport Report(ReplicaId replica, ReplicaRole role, long last = 7) =>
        new(P0, replica, role, new Epoch(1), new Position(new Epoch(1), last), last, false, TimeSpan.Zero, null);

    private protected static ReplicaReport Empty(ReplicaId replica) =>
        new(P0, replica, ReplicaRole.Joining, Epoch.None, Position.Zero, 0, false, TimeSpan.Zero, null);

    private protected static FormationState State(long epoch, ReplicaId? primary = null) =>
        new(
            Formation,
            epoch,
            [App1, App2, Monitor1],
            ImmutableSortedDictionary<PartitionId, View>.Empty.Add(
                P0,
                new View(new Epoch(epoch), primary ?? Replica1, [Replica1, Replica2])
            ),
            Paused: false,
            Maintenance: [],
            History: []
        );

    private protected T Proposed<T>()
        where T : Change => Assert.IsType<T>(Register.ExpectMsg<ProposeChange>().Change);
}

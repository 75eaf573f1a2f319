using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Membership;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Routing;

/// <summary>A router in a system of its own, whose node is both "app1" and, by another name, "app2": a probe stands for both replicas.</summary>
public abstract class RouterStories : Akka.TestKit.Xunit2.TestKit
{
    private protected static readonly PartitionId P0 = new(0);
    private protected static readonly NodeId App1 = new("app1");
    private protected static readonly NodeId App2 = new("app2");
    private protected static readonly TimeSpan Patient = TimeSpan.FromMinutes(10);

    private protected RouterStories()
        : base("akka.loglevel = WARNING")
    {
        Replica = CreateTestProbe();
        Directory = new PeerDirectory(Sys);
        var (replica, clock) = (Replica.Ref, new MonotonicClock(Time));
        Sys.ActorOf(Props.Create(() => new Forwarder(replica)), ActorNames.Data(P0));
        Router = Sys.ActorOf(Props.Create(() => new RouterActor(App1, new Incarnation(7), Directory, clock, Reached)));
    }

    private protected ManualTime Time { get; } = new();

    /// <summary>Gets what is sent to the replica of either node.</summary>
    private protected TestProbe Replica { get; }

    private protected IActorRef Router { get; }

    /// <summary>How far the log is known to have come.</summary>
    private protected Position? Furthest { get; set; } = new(new Epoch(1), 41);

    private protected PeerDirectory Directory { get; }

    private Position? Reached(PartitionId partition) => partition == P0 ? Furthest : null;

    // ---- given

    private protected void Met(NodeId node) =>
        Directory.Add(
            new NodeInfo(node, new Incarnation(1), [NodeInfo.DataRole], "akka://test", "", "127.0.0.1", 1, "1")
        );

    private protected void Led(NodeId primary, long epoch)
    {
        Met(primary);
        Learned(primary, epoch);
    }

    private protected void Learned(NodeId primary, long epoch)
    {
        var replica = new ReplicaId(primary, new DataId(Guid.Empty));
        Router.Tell(
            new StateLearned(
                new FormationState(
                    new FormationId(Guid.Empty),
                    epoch,
                    [App1, App2],
                    ImmutableSortedDictionary<PartitionId, View>.Empty.Add(
                        P0,
                        new View(new Epoch(epoch), replica, [replica])
                    ),
                    Paused: false,
                    Maintenance: [],
                    History: []
                )
            )
        );
    }

    // ---- happens

    private protected Task<RoutedAnswer> Writes(TimeSpan? timeout = null, SessionStamp? stamp = null) =>
        Submits((id, s) => new Request.Write(id, P0, new Command.Delete("k"), s), timeout, stamp, isWrite: true);

    private protected Task<RoutedAnswer> Reads(TimeSpan? timeout = null, NodeId? node = null) =>
        Submits((id, _) => new Request.Read(id, P0, "k"), timeout, node: node);

    private protected Task<RoutedAnswer> SwitchesOver(NodeId? to = null) =>
        Submits((id, _) => new Request.Switchover(id, P0, to, "an operator asked for it"));

    private protected Task<RoutedAnswer> ReadsMap() => Submits((id, _) => new Request.ReadMap(id, P0));

    private protected void Answers(long id, RequestOutcome outcome) => Replica.Send(Router, new Answer(id, outcome));

    private protected Task<RoutedAnswer> Submits(
        Func<long, SessionStamp?, Request> make,
        TimeSpan? timeout = null,
        SessionStamp? stamp = null,
        bool isWrite = false,
        NodeId? node = null
    )
    {
        var completion = new RouterActor.Completion();
        Router.Tell(new RouterActor.Submit(P0, make, stamp, isWrite, node, timeout ?? Patient, completion));
        // Far longer than anything takes: a request that is never answered fails its test instead of holding it up.
        return completion.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef target) => ReceiveAny(target.Forward);
    }
}

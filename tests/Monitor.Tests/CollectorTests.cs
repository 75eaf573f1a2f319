using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Messages;

namespace Failover.Monitor.Tests;

/// <summary>What the engine knows of other nodes becomes evidence.</summary>
public sealed class CollectorTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly NodeId App1 = new("app1");
    private static readonly NodeId Self = new("monitor1");

    private readonly TestProbe _heartbeat;

    public CollectorTests()
        : base(
            """
            akka.loglevel = WARNING
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            akka.cluster.downing-provider-class = ""
            """
        ) => _heartbeat = CreateTestProbe();

    [Fact]
    public async Task A_member_that_the_cluster_cannot_reach_is_told_by_its_nodes_name()
    {
        var collector = Sys.ActorOf(ClusterCollector.Props(_heartbeat));
        var member = await Joined();
        Meets(collector, member.Address, App1);

        collector.Tell(new ClusterEvent.UnreachableMember(member));
        collector.Tell(new ClusterEvent.UnreachableMember(member));
        collector.Tell(new ClusterEvent.ReachableMember(member));

        _heartbeat.ExpectMsg(new ClusterReachability(App1, false));
        _heartbeat.ExpectMsg(new ClusterReachability(App1, true));
        _heartbeat.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_member_whose_name_comes_later_is_told_then()
    {
        var collector = Sys.ActorOf(ClusterCollector.Props(_heartbeat));
        var member = await Joined();
        collector.Tell(new ClusterEvent.UnreachableMember(member));

        Meets(collector, member.Address, App1);

        _heartbeat.ExpectMsg(new ClusterReachability(App1, false));
    }

    [Fact]
    public async Task A_replica_that_ends_is_told_by_its_nodes_name()
    {
        var collector = Sys.ActorOf(TerminationCollector.Props(Self, _heartbeat));
        var replica = Sys.ActorOf(Props.Create(() => new Silent()), ActorNames.Data(new PartitionId(0)));
        Meets(collector, Cluster.Get(Sys).SelfAddress, App1);

        // The collector has asked, the replica has answered, the collector has heard it.
        foreach (var actor in new[] { collector, replica, collector })
            await actor.Ask<ActorIdentity>(new Identify(0));

        Sys.Stop(replica);

        _heartbeat.ExpectMsg(new ActorEnded(App1));
    }

    [Fact]
    public async Task The_member_of_a_process_that_is_gone_leaves_the_cluster_and_its_successor_would_stay()
    {
        await Joined();
        var remover = Sys.ActorOf(DeadMemberRemover.Props(_heartbeat));
        _heartbeat.ExpectMsg<ObserveNodes>();
        var other = ActorSystem.Create(Sys.Name, Sys.Settings.Config);
        await Cluster.Get(other).JoinAsync(Cluster.Get(Sys).SelfAddress);
        var member = Cluster.Get(other).SelfAddress;
        Cluster.Get(Sys).Subscribe(TestActor, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        FishForMessage(m => m is ClusterEvent.MemberUp up && up.Member.Address == member);
        var uid = Cluster.Get(other).SelfUniqueAddress.Uid;

        // Its former process at this address is no reason, whether the new one has introduced itself or not; nor is silence.
        Meets(remover, member, App1, incarnation: 1, uid: uid + 1);
        remover.Tell(Observed(Verdict.Dead, incarnation: 1));
        Meets(remover, member, App1, incarnation: 2, uid);
        remover.Tell(Observed(Verdict.Dead, incarnation: 1));
        remover.Tell(Observed(Verdict.Suspected, incarnation: 2));
        await remover.Ask<ActorIdentity>(new Identify(0));
        Cluster.Get(Sys).SendCurrentClusterState(TestActor);
        ExpectMsg<ClusterEvent.CurrentClusterState>(state =>
            Assert.Equal(MemberStatus.Up, state.Members.Single(m => m.Address == member).Status)
        );

        remover.Tell(Observed(Verdict.Dead, incarnation: 2));

        // Down is told on the way only to those who look in time.
        FishForMessage(m =>
            m is ClusterEvent.MemberRemoved { PreviousStatus: MemberStatus.Down } removed
            && removed.Member.Address == member
        );
        await other.Terminate();
    }

    private async Task<Member> Joined()
    {
        var cluster = Cluster.Get(Sys);
        await cluster.JoinAsync(cluster.SelfAddress);
        return cluster.SelfMember;
    }

    private static NodeObserved Observed(Verdict verdict, long incarnation) =>
        new(
            App1,
            new Core.Policy.NodeReport(App1, new Incarnation(incarnation), null, 0, false, []),
            new Assessment(verdict, [], null)
        );

    private static void Meets(IActorRef collector, Address address, NodeId node, long incarnation = 1, int uid = 0) =>
        collector.Tell(
            new NodeMet(
                new NodeInfo(
                    node,
                    new Incarnation(incarnation),
                    [NodeInfo.DataRole],
                    address.ToString(),
                    "",
                    "127.0.0.1",
                    1,
                    "1"
                )
                {
                    Uid = uid,
                }
            )
        );

    private sealed class Silent : ReceiveActor;
}

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using Failover.Core;
using Failover.Messages;
using Failover.Node.Membership;

namespace Failover.Node.Tests.Membership;

/// <summary>A node that meets others: a second actor system is the other node, where a test's probe answers.</summary>
public sealed class DirectoryActorTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly NodeId App1 = new("app1");
    private static readonly NodeId App2 = new("app2");

    private readonly PeerDirectory _directory;
    private readonly ActorSystem _other;
    private readonly TestProbe _there;
    private readonly TestProbe _met;

    public DirectoryActorTests()
        : base(
            """
            akka.loglevel = WARNING
            akka.actor.provider = cluster
            akka.actor.serializers.failover = "Failover.Messages.WireSerializer, Failover.Messages"
            akka.actor.serialization-bindings { "Failover.Messages.IWireMessage, Failover.Messages" = failover }
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            akka.cluster.downing-provider-class = ""
            """
        )
    {
        _directory = new PeerDirectory(Sys);
        _other = ActorSystem.Create(Sys.Name, Sys.Settings.Config);
        _there = CreateTestProbe();
        _met = CreateTestProbe();
        Sys.EventStream.Subscribe(_met, typeof(NodeMet));
    }

    [Fact]
    public void A_node_knows_itself_and_says_so()
    {
        Start();

        Assert.Equal(App1, _directory.Find(App1)!.Node);
    }

    [Fact]
    public void A_seed_is_greeted_until_it_has_introduced_itself_and_no_more()
    {
        Listens();
        var actor = Start(AddressOf(_other));

        // It does not answer at first: perhaps it is not there yet.
        var greeting = _there.ExpectMsg<Introduction>();
        Assert.Equal((App1, true), (greeting.Node.Node, greeting.AnswerWanted));
        _there.ExpectMsg<Introduction>();

        Introduces(App2, answerWanted: false);
        Assert.Equal(App2, _met.ExpectMsg<NodeMet>().Node.Node);
        Assert.Equal(App2, _directory.Find(App2)!.Node);
        Drain();
        // Longer than it would take to greet once more.
        _there.ExpectNoMsg(TimeSpan.FromMilliseconds(600));
        Assert.NotNull(actor);
    }

    [Fact]
    public void Whoever_introduces_themselves_is_told_in_return_and_met_once()
    {
        Listens();
        Start();

        Introduces(App2, answerWanted: true);
        Introduces(App2, answerWanted: true);

        Assert.All(
            _there.ReceiveN(2).Cast<Introduction>(),
            i => Assert.Equal((App1, false), (i.Node.Node, i.AnswerWanted))
        );
        Assert.Equal(App2, _met.ExpectMsg<NodeMet>().Node.Node);
        _met.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_process_that_was_started_again_is_met_anew_and_its_former_self_no_more()
    {
        Listens();
        Start();
        Introduces(App2, answerWanted: false, incarnation: 1);
        _met.ExpectMsg<NodeMet>();

        Introduces(App2, answerWanted: false, incarnation: 2);
        Assert.Equal(new Incarnation(2), _met.ExpectMsg<NodeMet>().Node.Incarnation);

        Introduces(App2, answerWanted: true, incarnation: 1);
        _there.ExpectMsg<Introduction>();
        _met.ExpectNoMsg(TimeSpan.Zero);
        Assert.Equal(new Incarnation(2), _directory.Find(App2)!.Incarnation);
    }

    [Fact]
    public async Task A_member_of_the_cluster_is_greeted_though_no_seed_names_it()
    {
        Listens();
        Start();
        var here = Cluster.Get(Sys);

        await here.JoinAsync(here.SelfAddress);
        await Cluster.Get(_other).JoinAsync(here.SelfAddress);

        Assert.Equal(App1, _there.ExpectMsg<Introduction>().Node.Node);
    }

    protected override void AfterAll()
    {
        Shutdown(_other);
        base.AfterAll();
    }

    private static Address AddressOf(ActorSystem system) => Cluster.Get(system).SelfAddress;

    private static NodeInfo Info(NodeId node, ActorSystem system, long incarnation = 1) =>
        new(node, new Incarnation(incarnation), [], AddressOf(system).ToString(), "", "127.0.0.1", 1, "1");

    /// <summary>The other node's directory is the test's probe.</summary>
    private void Listens()
    {
        var there = _there.Ref;
        _other.ActorOf(Forwarder.To(there), ActorNames.Directory);
    }

    private IActorRef Start(params Address[] seeds)
    {
        var (self, directory, all) = (Info(App1, Sys), _directory, seeds.ToImmutableArray());
        var actor = Sys.ActorOf(Props.Create(() => new DirectoryActor(self, directory, all)), ActorNames.Directory);
        Assert.Equal(App1, _met.ExpectMsg<NodeMet>().Node.Node);
        return actor;
    }

    /// <summary>The other node speaks, in its own name.</summary>
    private void Introduces(NodeId node, bool answerWanted, long incarnation = 1) =>
        _other
            .ActorSelection($"{AddressOf(Sys)}/user/{ActorNames.Directory}")
            .Tell(
                new Introduction(Info(node, _other, incarnation), answerWanted),
                ((ExtendedActorSystem)_other).Provider.ResolveActorRef(
                    $"{AddressOf(_other)}/user/{ActorNames.Directory}"
                )
            );

    /// <summary>What was greeted before it was known that nobody need be greeted any more.</summary>
    private void Drain()
    {
        while (_there.HasMessages)
            _there.ExpectMsg<Introduction>();
    }
}

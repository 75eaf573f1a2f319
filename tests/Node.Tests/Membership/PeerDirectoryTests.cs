using Failover.Core;
using Failover.Messages;
using Failover.Node.Membership;

namespace Failover.Node.Tests.Membership;

public sealed class PeerDirectoryTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly NodeId App1 = new("app1");
    private readonly PeerDirectory _directory;

    public PeerDirectoryTests() => _directory = new PeerDirectory(Sys);

    [Fact]
    public void A_newer_process_of_a_node_takes_the_place_of_the_older_and_never_the_other_way_round()
    {
        Assert.True(_directory.Add(Info(2, "akka://test")));
        Assert.False(_directory.Add(Info(2, "akka://test")));
        Assert.False(_directory.Add(Info(1, "akka://test")));
        Assert.Equal(new Incarnation(2), _directory.Find(App1)!.Incarnation);

        Assert.True(_directory.Add(Info(3, "akka://test")));
        Assert.Equal(new Incarnation(3), Assert.Single(_directory.Nodes).Value.Incarnation);
    }

    [Fact]
    public void Nobody_is_reached_who_was_not_met() => Assert.Null(_directory.Actor(App1, ActorNames.Register));

    [Fact]
    public void An_actor_is_reached_by_its_name_and_whoever_bears_it_now()
    {
        _directory.Add(Info(1, Sys.DeadLetters.Path.Address.ToString()));
        var first = CreateTestProbe();
        Sys.ActorOf(Forwarder.To(first), ActorNames.Register);

        var reference = _directory.Actor(App1, ActorNames.Register)!;
        reference.Tell("to the first", TestActor);
        first.ExpectMsg("to the first");

        Assert.Same(reference, _directory.Actor(App1, ActorNames.Register));
        Assert.NotSame(reference, _directory.Actor(App1, ActorNames.Acceptor));
    }

    [Fact]
    public void A_node_that_came_back_elsewhere_is_reached_there()
    {
        _directory.Add(Info(1, "akka.tcp://failover@127.0.0.1:1"));
        var before = _directory.Actor(App1, ActorNames.Register)!;

        _directory.Add(Info(2, "akka.tcp://failover@127.0.0.1:2"));

        Assert.Equal(1, before.Path.Address.Port);
        Assert.Equal(2, _directory.Actor(App1, ActorNames.Register)!.Path.Address.Port);
    }

    private static NodeInfo Info(long incarnation, string address) =>
        new(App1, new Incarnation(incarnation), [], address, "", "127.0.0.1", 1, "1");
}

using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>What holds across connections that break, and peers that are silent or somebody else.</summary>
public sealed class BrokenConnectionStories : RemoteStory
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_end_is_told_exactly_once_over_connections_that_break_in_the_middle(int seed)
    {
        const int count = 200;
        var (a, relay) = StartBehindRelay("a", "retry-gate-closed-for = 100 ms");
        var b = Start("b", "retry-gate-closed-for = 100 ms");
        var mortals = new IActorRef[count];
        var remotes = new IActorRef[count];
        for (var i = 0; i < count; i++)
        {
            var name = $"mortal{i}";
            mortals[i] = b.ActorOf(Props.Create(() => new Echo()), name);
            remotes[i] = await a.ActorSelection(AddressOf(b) + "/user/" + name).ResolveOne(Soon);
        }

        var here = Listen(a);
        foreach (var remote in remotes)
            here.Ref.Tell(new WatchThat(remote));
        await here.Rest();

        // The deaths go from b to a, over connections of which the first twenty break within a frame or between two.
        var random = new Random(seed);
        var broken = 0;
        relay.BreaksAfter = () => broken++ < 20 ? random.Next(100, 4_000) : long.MaxValue;
        relay.Cut();
        foreach (var mortal in mortals)
            mortal.Tell(PoisonPill.Instance);
        var told = new List<IActorRef>();
        while (told.Count < count)
            told.Add((await here.Next<Terminated>()).ActorRef);

        Assert.Equal(remotes.ToHashSet(), told.ToHashSet());
        relay.BreaksAfter = static () => long.MaxValue;
        await FindEcho(a, b);
        Assert.Empty(await here.Rest());
        Assert.True(broken > 1, "no connection was broken");
    }

    [Fact]
    public async Task A_system_that_answers_nothing_on_open_connections_is_left_and_found_again()
    {
        var (b, relay) = StartBehindRelay("b");
        var a = Start(
            "a",
            "transport-failure-detector { heartbeat-interval = 100 ms, acceptable-heartbeat-pause = 2 s }"
        );
        var echo = await FindEcho(a, b);
        var ends = Listen(a, typeof(DisassociatedEvent));
        var warnings = Listen(a, typeof(Warning));

        relay.Swallow(true);
        Assert.Equal(AddressOf(b), (await ends.Next<DisassociatedEvent>()).RemoteAddress);
        Assert.Contains("has not answered", (await warnings.Next<Warning>()).Message.ToString());
        relay.Swallow(false);

        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        Assert.Empty(await warnings.Rest());
    }

    [Fact]
    public async Task Whoever_watches_there_is_told_when_a_system_answers_nothing()
    {
        var (b, relay) = StartBehindRelay("b");
        var a = Start("a", "watch-failure-detector { heartbeat-interval = 100 ms, acceptable-heartbeat-pause = 2 s }");
        var echo = await FindEcho(a, b);
        var here = Listen(a);
        here.Ref.Tell(new WatchThat(echo));
        await here.Rest();

        relay.Swallow(true);

        var terminated = await here.Next<Terminated>();
        Assert.Equal(echo, terminated.ActorRef);
        Assert.True(terminated.AddressTerminated);
        Assert.True(Between(a, b).IsQuarantined);
    }

    [Fact]
    public async Task An_incarnation_that_was_given_up_is_not_let_in_again_and_its_successor_is()
    {
        var a = Start("a");
        var b = Start("b");
        var port = PortOf(b);
        await FindEcho(a, b);
        await FindEcho(b, a);
        var toldThere = Listen(b, typeof(ThisActorSystemQuarantinedEvent));
        var endsThere = Listen(b, typeof(DisassociatedEvent));
        var lostHere = Listen(a, typeof(DeadLetter));

        RemotingOf(a).Quarantine(AddressOf(b), RemotingOf(b).Uid);
        a.ActorSelection(AddressOf(b) + "/user/echo").Tell("to the one given up", ActorRefs.NoSender);
        await lostHere.Next<DeadLetter>();
        // Not before its own connection is known to be gone: what is told on that is lost without a word.
        while ((await endsThere.Next<DisassociatedEvent>()).IsInbound) { }
        b.ActorSelection(AddressOf(a) + "/user/echo").Tell("from the one given up", ActorRefs.NoSender);
        await toldThere.Next<ThisActorSystemQuarantinedEvent>();

        await b.Terminate();
        var again = Start("b", port: port);
        await FindEcho(again, a);
        Assert.Equal("hello", await (await FindEcho(a, again)).Ask<string>("hello", Soon));
    }
}

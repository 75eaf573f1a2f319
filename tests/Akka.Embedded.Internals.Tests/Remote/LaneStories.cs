using Akka.Actor;
using Akka.Cluster.Node;
using Akka.Event;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>What must not wait, beside what waits.</summary>
public sealed class LaneStories : RemoteStory
{
    private const int Messages = 1_000;
    private const int Size = 100_000;

    [Fact]
    public async Task A_hundred_megabytes_for_a_slow_reader_hold_up_no_death_no_membership_and_no_other_system()
    {
        var (b, relay) = StartBehindRelay("b");
        var a = Start("a");
        var c = Start("c");
        var echo = await FindEcho(a, b);
        var elsewhere = await FindEcho(a, c);
        var received = Listen(b);
        var inbox = await Resolve(a, b, received.Ref);
        var mortal = b.ActorOf(Props.Create(() => new Echo()), "mortal");
        var remoteMortal = await Resolve(a, b, mortal);
        var here = Listen(a);

        relay.HoldBackAfter(1_000_000);
        for (var i = 0; i < Messages; i++)
            inbox.Tell(Numbered(i), ActorRefs.NoSender);
        here.Ref.Tell(new WatchThat(remoteMortal));
        mortal.Tell(PoisonPill.Instance);
        Assert.Equal(remoteMortal, (await here.Next<Terminated>()).ActorRef);
        echo.Tell(new ClusterMessage.InitJoin(AddressOf(a)), here.Ref);
        Assert.Equal(new ClusterMessage.InitJoin(AddressOf(a)), await here.Next<ClusterMessage.InitJoin>());
        Assert.Equal("hello", await elsewhere.Ask<string>("hello", Soon));
        var arrived = await received.Rest();
        Assert.InRange(arrived.Count, 0, Messages / 10);

        relay.Release();
        await echo.Ask<string>("behind them all", Soon);
        Assert.Equal(Enumerable.Range(0, Messages), arrived.Concat(await received.Rest()).Select(Number));
    }

    [Fact]
    public async Task An_end_waits_for_the_last_words_and_for_nobody_elses()
    {
        var (a, relay) = StartBehindRelay("a");
        var b = Start("b");
        var here = Listen(a);
        var there = await Resolve(b, a, here.Ref);
        var talker = b.ActorOf(Props.Create(() => new Talker(there)), "talker");
        var remoteTalker = await Resolve(a, b, talker);
        // Whoever answers who he is has spoken; so this one is not asked.
        var silent = b.ActorOf(Props.Create(() => new Echo()), "silent");
        var remoteSilent = ((ExtendedActorSystem)a).Provider.ResolveActorRef(AddressOf(b) + "/user/silent");
        here.Ref.Tell(new WatchThat(remoteTalker));
        here.Ref.Tell(new WatchThat(remoteSilent));
        // Both watches are there when one behind them is answered: who is dead before he is watched is another story.
        var nobody = ((ExtendedActorSystem)a).Provider.ResolveActorRef(AddressOf(b) + "/user/nobody");
        here.Ref.Tell(new WatchThat(nobody));
        Assert.Equal(nobody, (await here.Next<Terminated>()).ActorRef);

        relay.HoldBackAfter(1_000_000);
        var elsewhere = await Resolve(b, a, Listen(a).Ref);
        for (var i = 0; i < 50; i++)
            elsewhere.Tell(Numbered(i), ActorRefs.NoSender);
        talker.Tell("last words");
        talker.Tell(PoisonPill.Instance);
        silent.Tell(PoisonPill.Instance);
        Assert.Equal(remoteSilent, (await here.Next<Terminated>()).ActorRef);
        Assert.Empty(await here.Rest());

        relay.Release();
        Assert.Equal("last words", await here.Next<string>());
        Assert.Equal(remoteTalker, (await here.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task What_exceeds_the_queue_is_dropped_counted_and_told_in_one_line()
    {
        var (b, relay) = StartBehindRelay("b");
        var a = Start("a", "outbound-buffer-size = 3 MB");
        var received = Listen(b);
        var inbox = await Resolve(a, b, received.Ref);
        var echo = await FindEcho(a, b);
        var lost = Listen(a, typeof(AllDeadLetters));
        var warnings = Listen(a, typeof(Warning));

        relay.HoldBackAfter(1_000_000);
        for (var i = 0; i < Messages; i++)
            inbox.Tell(Numbered(i), ActorRefs.NoSender);
        var dropped = (await lost.Rest()).Cast<Dropped>().Select(each => Number(each.Message)).ToArray();
        Assert.Contains("The queue to", (await warnings.Next<Warning>()).Message.ToString());
        relay.Release();
        await echo.Ask<string>("behind them all", Soon);

        var arrived = (await received.Rest()).Select(Number).ToArray();
        Assert.NotEmpty(dropped);
        Assert.Equal(arrived.Order(), arrived);
        Assert.Equal(Enumerable.Range(0, Messages), arrived.Concat(dropped).Order());
        Assert.Empty(await warnings.Rest());
    }

    private static Task<IActorRef> Resolve(ActorSystem from, ActorSystem at, IActorRef actor) =>
        from.ActorSelection(AddressOf(at) + actor.Path.ToStringWithoutAddress()).ResolveOne(Soon);

    private sealed class Talker : ReceiveActor
    {
        public Talker(IActorRef listener) => Receive<string>(words => listener.Tell(words));
    }

    private static byte[] Numbered(int number)
    {
        var bytes = new byte[Size];
        BitConverter.TryWriteBytes(bytes, number);
        return bytes;
    }

    private static int Number(object message) => BitConverter.ToInt32((byte[])message);
}

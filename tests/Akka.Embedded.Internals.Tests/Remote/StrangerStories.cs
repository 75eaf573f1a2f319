using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>What those who reach the port can do to those who are connected: nothing.</summary>
public sealed class StrangerStories : RemoteStory
{
    [Fact]
    public async Task Ten_thousand_connections_come_and_go_beside_one_that_does_not_notice()
    {
        const int strangers = 10_000;
        const int atOnce = 100;
        var (a, b) = (Start("a"), Start("b"));
        var received = Listen(b);
        var changes = new[] { Listen(a, typeof(AssociationEvent)), Listen(b, typeof(AssociationEvent)) };
        var inbox = await a.ActorSelection(AddressOf(b) + received.Ref.Path.ToStringWithoutAddress()).ResolveOne(Soon);
        await FindEcho(b, a);
        foreach (var listener in changes)
            await listener.Rest();

        for (var i = 0; i < strangers / atOnce; i++)
        {
            inbox.Tell(i, ActorRefs.NoSender);
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => ComeAndGo(PortOf(b))));
        }

        await (await FindEcho(a, b)).Ask<string>("behind them all", Soon);
        Assert.Equal(Enumerable.Range(0, strangers / atOnce), (await received.Rest()).Cast<int>());
        Assert.Empty(await changes[0].Rest());
        Assert.Empty(await changes[1].Rest());
    }

    [Fact]
    public async Task Of_those_who_connect_and_say_nothing_only_so_many_are_kept_and_others_still_get_in()
    {
        var (a, b) = (Start("a"), Start("b"));
        var warnings = Listen(b, typeof(Warning));
        var silent = new List<Stranger>();
        try
        {
            for (var i = 0; i < 1_000; i++)
                silent.Add(await Stranger.ConnectAsync(PortOf(b)));

            // The oldest are closed, whoever speaks gets in.
            Assert.Null(await silent[0].AnswerAsync());
            Assert.Equal("hello", await (await FindEcho(a, b)).Ask<string>("hello", Soon));
            Assert.InRange(RemotingOf(b).Inbound.Pending, 1, 256);
            Assert.Contains("wait to be introduced", (await warnings.Next<Warning>()).Message.ToString());
        }
        finally
        {
            silent.ForEach(static each => each.Dispose());
        }
    }

    [Fact]
    public async Task Who_does_not_say_who_he_is_in_time_is_closed_with_one_line()
    {
        var b = Start("b", "dot-netty.tcp.connection-timeout = 500 ms");
        var warnings = Listen(b, typeof(Warning));

        using var silent = await Stranger.ConnectAsync(PortOf(b));

        Assert.Null(await silent.AnswerAsync());
        Assert.Contains("no introduction within", (await warnings.Next<Warning>()).Message.ToString());
        Assert.Empty(await warnings.Rest());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\u0005\0\0\0\u0001abcd")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    public async Task Who_brings_garbage_is_closed_with_one_line(string garbage)
    {
        var b = Start("b");
        var warnings = Listen(b, typeof(Warning));

        using var stranger = await Stranger.ConnectAsync(PortOf(b));
        await stranger.SayAsync(System.Text.Encoding.Latin1.GetBytes(garbage));

        Assert.Null(await stranger.AnswerAsync());
        await warnings.Next<Warning>();
        Assert.Empty(await warnings.Rest());
    }

    [Fact]
    public async Task Who_claims_to_be_a_new_incarnation_of_a_system_that_lives_is_refused()
    {
        var (a, b) = (Start("a"), Start("b"));
        var echo = await FindEcho(b, a);
        var here = Listen(b, typeof(AssociationEvent));
        here.Ref.Tell(new WatchThat(echo));
        await here.Rest();
        var warnings = Listen(b, typeof(Warning));

        using var impostor = await Stranger.ConnectAsync(PortOf(b));
        await impostor.SayHelloAsync(Lane.Control, AddressOf(a), RemotingOf(a).Uid + 1, AddressOf(b));

        Assert.Equal(FrameKind.Refused, await impostor.AnswerAsync());
        Assert.Contains("does not answer at", (await warnings.Next<Warning>()).Message.ToString());
        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        Assert.Equal(RemotingOf(a).Uid, Between(b, a).Uid);
        Assert.Empty(await here.Rest());
    }

    [Fact]
    public async Task A_system_has_only_so_many_connections_and_the_first_ones_stay()
    {
        var (a, b) = (Start("a"), Start("b"));
        var echo = await FindEcho(a, b);
        var answers = new List<FrameKind?>();
        var copies = new List<Stranger>();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                copies.Add(await Stranger.ConnectAsync(PortOf(b)));
                await copies[^1].SayHelloAsync(Lane.Messages, AddressOf(a), RemotingOf(a).Uid, AddressOf(b));
                answers.Add(await copies[^1].AnswerAsync());
            }

            // There are sixteen at most. The system itself has one, and by now perhaps one for control traffic too.
            var refused = answers.Count(static each => each == FrameKind.Refused);
            Assert.InRange(refused, 5, 6);
            Assert.Equal(20 - refused, answers.Count(static each => each == FrameKind.Welcome));
            Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        }
        finally
        {
            copies.ForEach(static each => each.Dispose());
        }
    }

    [Fact]
    public async Task Addresses_that_somebody_made_up_are_forgotten()
    {
        var b = Start("b");
        var remoting = RemotingOf(b);

        for (var i = 0; i < 1_000; i++)
        {
            remoting.AssociationWith(new Address("akka.tcp", $"made-up-{i}", "127.0.0.1", 1));
            if (i % 100 == 0)
                GC.Collect();
        }

        Assert.InRange(remoting.Associations.Count, 0, 300);
    }

    [Fact]
    public async Task Another_version_of_the_protocol_is_refused()
    {
        var b = Start("b");
        var warnings = Listen(b, typeof(Warning));
        var frames = new FrameWriter();
        Handshake.WriteHello(frames, Lane.Control, AddressOf(b), 1, AddressOf(b));
        var bytes = frames.Written.ToArray();
        bytes[9]++;

        using var old = await Stranger.ConnectAsync(PortOf(b));
        await old.SayAsync(bytes);

        Assert.Null(await old.AnswerAsync());
        Assert.Contains("protocol version", (await warnings.Next<Warning>()).Message.ToString());
    }

    private static async Task ComeAndGo(int port)
    {
        using var stranger = await Stranger.ConnectAsync(port);
    }
}

using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>What messages between two systems cost in bytes, on the thread that sends and on the one that reads.</summary>
public sealed class RemoteAllocationStories : RemoteStory
{
    private static readonly string Text = new('x', 100);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tell_to_another_system_allocates_nothing_on_the_thread_that_tells(bool bytes)
    {
        var (here, there) = (Start("here"), Start("there"));
        var echo = await FindEcho(here, there);
        object message = bytes ? new byte[100] : Text;

        Assert.Equal(0, Fewest(() => echo.Tell(message, ActorRefs.Nobody)));
    }

    [Fact]
    public void What_is_read_allocates_the_message_itself()
    {
        var system = Start("reader");
        var serialization = ((ExtendedActorSystem)system).Serialization;
        var bytes = Encoding.UTF8.GetBytes(Text);
        var (strings, arrays) = (
            serialization.FindSerializerForType(typeof(string)).Identifier,
            serialization.FindSerializerForType(typeof(byte[])).Identifier
        );

        // As a connection does for as long as it reads.
        Serialization.Serialization.EnterTransport(RemotingOf(system).Transport);

        Assert.Equal(Text, serialization.Deserialize(bytes.AsSpan(), strings, "S"));
        Assert.Equal(bytes, serialization.Deserialize(bytes.AsSpan(), arrays, ""));
        Assert.Equal(
            Fewest(() => Encoding.UTF8.GetString(bytes)),
            Fewest(() => serialization.Deserialize(bytes.AsSpan(), strings, "S"))
        );
        Assert.Equal(
            Fewest(() => bytes.AsSpan().ToArray()),
            Fewest(() => serialization.Deserialize(bytes.AsSpan(), arrays, ""))
        );
        Serialization.Serialization.LeaveTransport(null);
    }

    [Fact]
    public async Task An_actor_that_has_ended_is_not_kept_by_the_connections_it_has_sent_over()
    {
        var (here, there) = (Start("here"), Start("there"));
        var ended = await TellAndEnd(here, await FindEcho(here, there));

        // What ran it last may still be on its way out.
        for (var i = 0; i < 1000 && ended.IsAlive; i++)
        {
            GC.Collect();
            await Task.Yield();
        }

        Assert.False(ended.IsAlive);
    }

    [Theory]
    [InlineData("")]
    [InlineData("täglich")]
    [InlineData("half a \ud83d pair")]
    [InlineData(-17)]
    [InlineData(long.MinValue)]
    [InlineData(true)]
    [InlineData(0.25)]
    public void What_is_written_directly_has_the_length_that_was_said(object message)
    {
        var serialization = ((ExtendedActorSystem)Start("writer")).Serialization;
        var serializer = Assert.IsAssignableFrom<DirectSerializer>(serialization.FindSerializerFor(message));

        var length = serializer.Measure(message);
        var exactly = new byte[length];
        serializer.Write(message, exactly);

        Assert.Equal(serializer.ToBinary(message), exactly);
        var read = serializer.Read(exactly, serializer.Manifest(message));
        Assert.Equal(message is string text ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : message, read);
    }

    private static async Task<WeakReference> TellAndEnd(ActorSystem system, IActorRef echo)
    {
        var teller = system.ActorOf(Props.Create(() => new Teller(echo)));
        Assert.Equal("heard", await teller.Ask<string>("tell", Soon));
        Assert.True(await teller.GracefulStop(Soon));
        return new WeakReference(teller);
    }

    /// <summary>Of many times, because a queue grows now and then.</summary>
    private static long Fewest(Action action) =>
        Enumerable
            .Range(0, 100)
            .Min(_ =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                action();
                return GC.GetAllocatedBytesForCurrentThread() - before;
            });

    private sealed class Teller : ReceiveActor
    {
        private IActorRef _asker = ActorRefs.Nobody;

        public Teller(IActorRef echo)
        {
            Receive<string>(
                static text => text == "tell",
                _ =>
                {
                    _asker = Sender;
                    echo.Tell("heard", Self);
                }
            );
            Receive<string>(answer => _asker.Tell(answer));
        }
    }
}

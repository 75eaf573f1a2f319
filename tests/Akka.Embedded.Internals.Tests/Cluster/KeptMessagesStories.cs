using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Tools;
using Akka.Event;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>What proxies and clients keep, and where goes what finds no room.</summary>
public sealed class KeptMessagesStories : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ActorSystem _system = ActorSystem.Create(
        "kept",
        "akka.loglevel = OFF, akka.stdout-loglevel = OFF"
    );
    private readonly Channel<object> _recorded = Channel.CreateUnbounded<object>();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task The_oldest_goes_to_the_dead_letters_when_there_is_no_room()
    {
        var recorder = _system.ActorOf(Props.Create(() => new Recorder(_recorded.Writer)));
        _system.EventStream.Subscribe(recorder, typeof(DeadLetter));
        var keeper = _system.ActorOf(Props.Create(() => new Keeper(2)));

        foreach (var message in new[] { "1", "2", "3" })
            keeper.Tell(message, ActorRefs.NoSender);
        keeper.Tell(recorder, ActorRefs.NoSender);

        Assert.Equal("1", Assert.IsType<DeadLetter>(await Next()).Message);
        Assert.Equal("2", await Next());
        Assert.Equal("3", await Next());
    }

    [Fact]
    public async Task Without_room_all_go_there()
    {
        _system.EventStream.Subscribe(
            _system.ActorOf(Props.Create(() => new Recorder(_recorded.Writer))),
            typeof(DeadLetter)
        );
        var keeper = _system.ActorOf(Props.Create(() => new Keeper(0)));

        keeper.Tell("1", ActorRefs.NoSender);

        Assert.Equal("1", Assert.IsType<DeadLetter>(await Next()).Message);
    }

    private Task<object> Next() => _recorded.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    private sealed class Keeper : ReceiveActor
    {
        public Keeper(int limit)
        {
            var kept = new KeptMessages(Context, Context.GetLogger(), limit);
            Receive<string>(message => kept.Keep(message, Sender));
            Receive<IActorRef>(kept.DeliverTo);
        }
    }

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(ChannelWriter<object> recorded) => ReceiveAny(message => recorded.TryWrite(message));
    }
}

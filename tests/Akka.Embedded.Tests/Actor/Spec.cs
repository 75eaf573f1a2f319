using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Actor;

/// <summary>A system for one test, and a mailbox for the test itself.</summary>
public abstract class Spec : IAsyncLifetime
{
    private protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private protected Spec(string config = "") =>
        Sys = ActorSystem.Create(
            "spec",
            ConfigurationFactory.ParseString(config + "\nakka.loglevel = OFF\nakka.stdout-loglevel = OFF")
        );

    private protected ActorSystem Sys { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Sys.Terminate();

    /// <summary>An actor that keeps what it gets for <see cref="Inbox.Next"/>.</summary>
    private protected Inbox Receiver(ActorSystem? system = null) => new(system ?? Sys);

    internal sealed class Inbox
    {
        private readonly global::System.Threading.Channels.Channel<(object Message, IActorRef Sender)> _queue =
            global::System.Threading.Channels.Channel.CreateUnbounded<(object, IActorRef)>();

        public Inbox(ActorSystem system)
        {
            System = system;
            var writer = _queue.Writer;
            Ref = system.ActorOf(Props.Create(() => new Collector(writer)));
        }

        public ActorSystem System { get; }

        public IActorRef Ref { get; }

        public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

        public async Task<object> Next()
        {
            using var limit = new CancellationTokenSource(Soon);
            (var message, LastSender) = await _queue.Reader.ReadAsync(limit.Token);
            return message;
        }

        public async Task<T> Next<T>() => Assert.IsAssignableFrom<T>(await Next());

        /// <summary>What arrived so far, after everything that was sent to it before now.</summary>
        public async Task<IReadOnlyList<object>> Rest()
        {
            await Ref.Ask<ActorIdentity>(new Identify(0), Soon);
            var rest = new List<object>();
            while (_queue.Reader.TryRead(out var next))
                rest.Add(next.Message);
            return rest;
        }

        private sealed class Collector(global::System.Threading.Channels.ChannelWriter<(object, IActorRef)> writer)
            : ReceiveActor
        {
            protected override void PreStart() =>
                Become(message =>
                {
                    if (message is Watch watch)
                        Context.Watch(watch.Subject);
                    else
                        writer.TryWrite((message, Sender));
                    return true;
                });
        }
    }

    /// <summary>Makes an <see cref="Inbox"/> watch.</summary>
    internal sealed record Watch(IActorRef Subject);
}

using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>Systems of one process that talk over TCP, and what they log.</summary>
public abstract class RemoteStory : IAsyncLifetime
{
    private protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly List<ActorSystem> _systems = [];
    private readonly List<Relay> _relays = [];

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        foreach (var relay in _relays)
            await relay.DisposeAsync();
    }

    private protected ActorSystem Start(string name, string remote = "", int port = 0)
    {
        var system = ActorSystem.Create(
            name,
            ConfigurationFactory.ParseString(
                $$"""
                akka.remote { {{remote}} }
                akka {
                  loggers = []
                  loglevel = WARNING
                  stdout-loglevel = OFF
                  actor.provider = remote
                  remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
                }
                """
            )
        );
        _systems.Add(system);
        system.ActorOf(Props.Create(() => new Echo()), "echo");
        return system;
    }

    /// <summary>A system that others reach through a relay.</summary>
    private protected (ActorSystem System, Relay Relay) StartBehindRelay(string name, string remote = "")
    {
        var relay = new Relay();
        _relays.Add(relay);
        var system = Start(name, $"dot-netty.tcp.public-port = {relay.Port}\n{remote}");
        relay.Target = RemotingOf(system).Sockets.Port;
        return (system, relay);
    }

    private protected static Address AddressOf(ActorSystem system) =>
        ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private protected static int PortOf(ActorSystem system) => AddressOf(system).Port!.Value;

    private protected static Remoting RemotingOf(ActorSystem system) =>
        ((RemoteActorRefProvider)((ExtendedActorSystem)system).Provider).Remoting;

    private protected static Association Between(ActorSystem from, ActorSystem to) =>
        RemotingOf(from).AssociationWith(AddressOf(to));

    /// <summary>The echo of another system, found by talking to it.</summary>
    private protected static Task<IActorRef> FindEcho(ActorSystem from, ActorSystem at) =>
        from.ActorSelection(AddressOf(at) + "/user/echo").ResolveOne(Soon);

    private protected static Listener Listen(ActorSystem system, params Type[] events) => new(system, events);

    private protected sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    /// <summary>Keeps what an actor of it gets, or what is published in its system, for the test to read.</summary>
    internal sealed class Listener
    {
        private readonly Channel<object> _queue = Channel.CreateUnbounded<object>();

        public Listener(ActorSystem system, params Type[] events)
        {
            var writer = _queue.Writer;
            Ref = system.ActorOf(Props.Create(() => new Collector(writer)));
            foreach (var type in events)
                system.EventStream.Subscribe(Ref, type);
        }

        public IActorRef Ref { get; }

        public async Task<T> Next<T>()
        {
            using var limit = new CancellationTokenSource(Soon);
            return Assert.IsAssignableFrom<T>(await _queue.Reader.ReadAsync(limit.Token));
        }

        /// <summary>What arrived so far, after everything that was sent to it before now.</summary>
        public async Task<IReadOnlyList<object>> Rest()
        {
            await Ref.Ask<ActorIdentity>(new Identify(0), Soon);
            var rest = new List<object>();
            while (_queue.Reader.TryRead(out var next))
                rest.Add(next);
            return rest;
        }

        private sealed class Collector(ChannelWriter<object> writer) : ReceiveActor
        {
            protected override void PreStart() =>
                Become(message =>
                {
                    if (message is WatchThat watch)
                        Context.Watch(watch.Subject);
                    else
                        writer.TryWrite(message);
                    return true;
                });
        }
    }

    /// <summary>Makes a <see cref="Listener"/> watch.</summary>
    internal sealed record WatchThat(IActorRef Subject);
}

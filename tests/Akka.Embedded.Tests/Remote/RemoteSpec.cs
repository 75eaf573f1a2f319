using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Remote;

/// <summary>Systems of one process that talk over TCP.</summary>
public abstract class RemoteSpec : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];

    private protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(system => system.Terminate()));

    private protected ActorSystem Start(string name, int port = 0, string config = "", string logLevel = "OFF")
    {
        var system = ActorSystem.Create(
            name,
            ConfigurationFactory.ParseString(
                $$"""
                {{config}}
                akka {
                  loggers = []
                  loglevel = {{logLevel}}
                  stdout-loglevel = OFF
                  actor.provider = remote
                  # Otherwise nothing is sent for seconds to a system whose predecessor has just ended.
                  remote.retry-gate-closed-for = 100ms
                  remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
                }
                """
            )
        );
        _systems.Add(system);
        return system;
    }

    private protected static Address AddressOf(ActorSystem system) =>
        ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private protected static Spec.Inbox Receiver(ActorSystem system) => new(system);

    /// <summary>Asks again when there is no answer: while a connection is being made anew, messages may get lost.</summary>
    private protected static async Task<IActorRef> Find(ActorSystem from, ActorSystem at, string path)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await from.ActorSelection(AddressOf(at) + path).ResolveOne(TimeSpan.FromSeconds(1));
            }
            catch (ActorNotFoundException) when (attempt < 10)
            {
                from.Log.Debug("Looked {0} times for {1} in vain", attempt, path);
            }
    }

    /// <summary>Makes the receiver watch an actor of another system, and returns when that system knows it.</summary>
    private protected static async Task Watch(Spec.Inbox receiver, IActorRef watched, ActorSystem at)
    {
        // Watches go in order: the end of one that was sent later tells that the first has arrived.
        var marker = at.ActorOf(Props.Create(() => new Echo()));
        var remoteMarker = await Find(receiver.System, at, "/user/" + marker.Path.Name);
        receiver.Ref.Tell(new Spec.Watch(watched));
        receiver.Ref.Tell(new Spec.Watch(remoteMarker));
        await receiver.Rest();
        marker.Tell(PoisonPill.Instance);
        Assert.Equal(remoteMarker, (await receiver.Next<Terminated>()).ActorRef);
    }

    private protected sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}

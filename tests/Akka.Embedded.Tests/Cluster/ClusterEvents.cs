using System.Collections.Concurrent;
using System.Threading.Channels;
using Akka.Actor;
using static Akka.Cluster.ClusterEvent;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>Everything that one subscriber is told, in order.</summary>
public sealed class ClusterEvents
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly ConcurrentQueue<object> _all = new();
    private readonly Channel<object> _new = Channel.CreateUnbounded<object>();

    private ClusterEvents() { }

    public IEnumerable<object> All => _all;

    public IActorRef Subscriber { get; private set; } = ActorRefs.Nobody;

    public static ClusterEvents Of(ActorSystem system, SubscriptionInitialStateMode mode, params Type[] types)
    {
        var events = new ClusterEvents();
        events.Subscriber = system.ActorOf(Props.Create(() => new Recorder(events)));
        ClusterNode.Get(system).Subscribe(events.Subscriber, mode, types);
        return events;
    }

    /// <summary>The first of that kind for which the condition holds, past or to come.</summary>
    public async Task<T> First<T>(Func<T, bool>? condition = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                if (_all.OfType<T>().FirstOrDefault(condition ?? (_ => true)) is { } found)
                    return found;
                await _new.Reader.ReadAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No such {typeof(T).Name} among\n{string.Join('\n', _all)}");
        }
    }

    /// <summary>The kinds of events about one member, in their order.</summary>
    public string[] About(Address member) =>
        [.. _all.OfType<IMemberEvent>().Where(e => e.Member.Address.Equals(member)).Select(e => e.GetType().Name)];

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(ClusterEvents events) =>
            ReceiveAny(message =>
            {
                events._all.Enqueue(message);
                events._new.Writer.TryWrite(message);
            });
    }
}

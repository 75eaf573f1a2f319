using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Gossiping;
using Akka.Event;

namespace Akka.Cluster.Daemon;

/// <summary>Who wants to know what. Owned by the daemon actor.</summary>
internal sealed class EventPublisher(ILoggingAdapter log)
{
    private readonly Dictionary<IActorRef, ImmutableHashSet<Type>> _subscribers = [];

    public void Subscribe(DaemonCommand.Subscribe subscribe, ClusterView view)
    {
        var subscriber = subscribe.Subscriber;
        var earlier = _subscribers.GetValueOrDefault(subscriber) ?? [];
        _subscribers[subscriber] = earlier.Union(subscribe.To);
        log.Debug("{0} subscribes to {1} kinds of cluster events", subscriber, subscribe.To.Length);

        if (subscribe.Mode == ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot)
        {
            subscriber.Tell(ClusterChanges.StateOf(view), ActorRefs.NoSender);
            return;
        }

        var nothing = new ClusterView(Gossip.Empty, view.Self);
        foreach (var change in ClusterChanges.Between(nothing, view))
            if (subscribe.To.Any(type => type.IsInstanceOfType(change)))
                subscriber.Tell(change, ActorRefs.NoSender);
    }

    /// <param name="to">Null: from everything.</param>
    /// <returns>Whether it still subscribes to anything.</returns>
    public bool Unsubscribe(IActorRef subscriber, Type? to)
    {
        if (!_subscribers.TryGetValue(subscriber, out var types))
            return false;

        var left = to is null ? [] : types.Remove(to);
        if (left.IsEmpty)
            _subscribers.Remove(subscriber);
        else
            _subscribers[subscriber] = left;
        return !left.IsEmpty;
    }

    public void Publish(IEnumerable<ClusterEvent.IClusterDomainEvent> events)
    {
        foreach (var change in events)
        foreach (var (subscriber, types) in _subscribers)
            if (types.Any(type => type.IsInstanceOfType(change)))
                subscriber.Tell(change, ActorRefs.NoSender);
    }
}

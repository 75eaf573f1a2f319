using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Passes events on to those who subscribed to their type or a base of it. May be used from any thread.</summary>
public class EventStream : LoggingBus
{
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<Type, IActorRef[]> _subscribersByEvent = new();
    private readonly Dictionary<Type, HashSet<IActorRef>> _subscriptions = [];
    private IActorRef? _unsubscriber;

    private readonly bool _debug;

    /// <param name="debug">Log who subscribes.</param>
    internal EventStream(bool debug) => _debug = debug;

    public override bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_changing)
        {
            if (!_subscriptions.TryGetValue(channel, out var subscribers))
                _subscriptions.Add(channel, subscribers = []);
            if (!subscribers.Add(subscriber))
                return false;
            _subscribersByEvent.Clear();
        }

        _unsubscriber?.Tell(new EventStreamUnsubscriber.Register(subscriber), ActorRefs.NoSender);
        if (_debug)
            Publish(new Debug(nameof(EventStream), GetType(), $"subscribing {subscriber} to channel {channel}"));
        return true;
    }

    public override bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_changing)
        {
            if (!_subscriptions.TryGetValue(channel, out var subscribers) || !subscribers.Remove(subscriber))
                return false;
            if (subscribers.Count == 0)
                _subscriptions.Remove(channel);
            _subscribersByEvent.Clear();
        }

        return true;
    }

    public override bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var removed = false;
        lock (_changing)
        {
            foreach (var channel in _subscriptions.Keys.ToArray())
            {
                if (!_subscriptions[channel].Remove(subscriber))
                    continue;
                removed = true;
                if (_subscriptions[channel].Count == 0)
                    _subscriptions.Remove(channel);
            }

            if (removed)
                _subscribersByEvent.Clear();
        }

        return removed;
    }

    public override void Publish(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var type = @event.GetType();
        if (!_subscribersByEvent.TryGetValue(type, out var subscribers))
            subscribers = Find(type);
        foreach (var subscriber in subscribers)
            Publish(@event, subscriber);
    }

    /// <summary>From now on subscribers that end are forgotten by themselves.</summary>
    internal void StartUnsubscriber(ActorSystemImpl system)
    {
        _unsubscriber = system.SystemActorOf(
            Props.From(() => new EventStreamUnsubscriber(this)),
            "eventStreamUnsubscriber"
        );
        IActorRef[] early;
        lock (_changing)
            early = [.. _subscriptions.Values.SelectMany(static subscribers => subscribers).Distinct()];
        foreach (var subscriber in early)
            _unsubscriber.Tell(new EventStreamUnsubscriber.Register(subscriber), ActorRefs.NoSender);
    }

    private IActorRef[] Find(Type type)
    {
        lock (_changing)
        {
            IActorRef[] subscribers =
            [
                .. _subscriptions
                    .Where(subscription => subscription.Key.IsAssignableFrom(type))
                    .SelectMany(static subscription => subscription.Value)
                    .Distinct(),
            ];
            _subscribersByEvent[type] = subscribers;
            return subscribers;
        }
    }
}

/// <summary>Shorthands for the event stream.</summary>
public static class EventStreamExtensions { }

/// <summary>Watches subscribers.</summary>
internal sealed class EventStreamUnsubscriber : ReceiveActor
{
    public EventStreamUnsubscriber(EventStream stream)
    {
        Receive<Register>(register => Context.Watch(register.Subscriber));
        // In braces: a handler that returned whether there was anything to unsubscribe would leave the ends of those
        // who did it themselves unhandled, and die of the first.
        Receive<Terminated>(terminated =>
        {
            stream.Unsubscribe(terminated.ActorRef);
        });
    }

    internal sealed record Register(IActorRef Subscriber) : INoSerializationVerificationNeeded;
}

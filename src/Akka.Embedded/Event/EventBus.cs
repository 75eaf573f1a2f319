using Akka.Actor;

namespace Akka.Event;

/// <summary>Passes events on to subscribers by classifier.</summary>
public abstract class EventBus<TEvent, TClassifier, TSubscriber>
{
    public virtual bool Subscribe(TSubscriber subscriber, TClassifier classifier) => throw new NotSupportedException();

    public virtual bool Unsubscribe(TSubscriber subscriber) => throw new NotSupportedException();

    public virtual bool Unsubscribe(TSubscriber subscriber, TClassifier classifier) =>
        throw new NotSupportedException();

    public virtual void Publish(TEvent @event) => throw new NotSupportedException();

    protected abstract void Publish(TEvent @event, TSubscriber subscriber);
}

/// <summary>An event bus whose subscribers are actors.</summary>
public abstract class ActorEventBus<TEvent, TClassifier> : EventBus<TEvent, TClassifier, IActorRef>;

/// <summary>The event bus that log entries travel on.</summary>
public class LoggingBus : ActorEventBus<object, Type>
{
    private volatile LogLevel _level = LogLevel.ErrorLevel;

    /// <summary>What lies below is not even created.</summary>
    public LogLevel LogLevel => _level;

    internal void SetLogLevel(LogLevel logLevel) => _level = logLevel;

    protected override void Publish(object @event, IActorRef subscriber) => subscriber.Tell(@event, ActorRefs.NoSender);
}

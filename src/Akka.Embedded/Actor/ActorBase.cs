using Akka.Event;

namespace Akka.Actor;

/// <summary>The base of all actors: handles one message at a time and shares its state with nobody.</summary>
public abstract class ActorBase : IInternalActor
{
    private readonly ActorCell _cell;

    protected ActorBase()
    {
        _cell =
            ActorCell.Current
            ?? throw new ActorInitializationException(
                "Do not create actors using 'new', always create them using an ActorContext/System"
            );
        _cell.Equip(this);
    }

    IActorContext IInternalActor.ActorContext => _cell;

    /// <summary>Who sent the current message; the dead letters when nobody did.</summary>
    protected IActorRef Sender => _cell.Sender;

    protected IActorRef Self => _cell.Self;

    /// <summary>The context of the actor that runs on this thread.</summary>
    internal static IActorContext Context => ActorCell.RequireCurrent();

    internal virtual bool AroundReceive(Receive receive, object message)
    {
        if (receive(message))
            return true;
        Unhandled(message);
        return false;
    }

    protected abstract bool Receive(object message);

    /// <summary>Called for what no handler took: publishes it, and fails on <see cref="Terminated"/>.</summary>
    internal virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
            throw new DeathPactException(terminated.ActorRef);
        _cell.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
        if (_cell.System.Settings.DebugUnhandledMessage)
        {
            var text = $"Unhandled message from {Sender} : {message}";
            _cell.System.EventStream.Publish(new Debug(Self.Path.ToString(), GetType(), text));
        }
    }

    protected void Become(Receive receive) => _cell.Become(receive);

    internal void BecomeStacked(Receive receive) => _cell.BecomeStacked(receive);

    protected void UnbecomeStacked() => _cell.UnbecomeStacked();

    /// <summary>Sends <see cref="ReceiveTimeout"/> after each such span without messages; null ends it.</summary>
    protected void SetReceiveTimeout(TimeSpan? timeout) => _cell.SetReceiveTimeout(timeout);

    internal virtual void AroundPreRestart(Exception cause, object? message) => PreRestart(cause, message!);

    internal virtual void AroundPreStart() => PreStart();

    protected virtual void PreStart() { }

    internal virtual void AroundPostRestart(Exception cause, object? message) => PostRestart(cause);

    /// <summary>Called on the old instance: stops the children and cleans up.</summary>
    protected virtual void PreRestart(Exception reason, object message)
    {
        foreach (var child in _cell.GetChildren())
        {
            _cell.Unwatch(child);
            _cell.Stop(child);
        }

        PostStop();
    }

    /// <summary>Called on the new instance; starts it as the first one was.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    internal virtual void AroundPostStop() => PostStop();

    protected virtual void PostStop() { }

    /// <summary>What to do with children that fail. Asked once per instance.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    internal SupervisorStrategy CreateSupervisorStrategy() => SupervisorStrategy();

    internal virtual Receive InitialBehavior() => Receive;
}

using Akka.Event;

namespace Akka.Actor;

/// <summary>The root of all actors: ends with its first child, in the order user, system.</summary>
internal sealed class RootGuardian : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Watched watched:
                Context.Watch(watched.Guardian);
                return true;
            case Terminated:
                Context.Stop(Self);
                return true;
            default:
                return false;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.StoppingStrategy;

    /// <summary>Whose end is the end of the root.</summary>
    internal sealed record Watched(IActorRef Guardian);
}

/// <summary>The parent of the engine's own actors; ends after the user guardian, once remoting has said goodbye.</summary>
internal sealed class SystemGuardian : ReceiveActor
{
    public SystemGuardian()
    {
        Receive<RootGuardian.Watched>(watched => Context.Watch(watched.Guardian));
        Receive<Terminated>(_ =>
        {
            var system = ActorCell.RequireCurrent().System;
            system
                .EndSystemActorsAsync()
                .PipeTo(
                    Self,
                    success: () => PoisonPill.Instance,
                    failure: e =>
                    {
                        system.Log.Error(e, "The end of the system's own actors failed: {0}", e.Message);
                        return PoisonPill.Instance;
                    }
                );
        });
        ReceiveAny(message => Context.System.DeadLetters.Tell(message, Sender));
    }

    protected override void PreRestart(Exception reason, object message) { }
}

/// <summary>The parent of the actors that the user creates at the top.</summary>
internal sealed class UserGuardian : ActorBase
{
    protected override bool Receive(object message)
    {
        Context.System.DeadLetters.Tell(message, Sender);
        return true;
    }

    // A guardian that fails loses no children.
    protected override void PreRestart(Exception reason, object message) { }
}

namespace Akka.Actor;

/// <summary>An actor could not be created: its constructor or <c>PreStart</c> threw.</summary>
public class ActorInitializationException : AkkaException
{
    internal ActorInitializationException(string message)
        : base(message) { }

    internal ActorInitializationException(IActorRef? actor, string message, Exception? cause = null)
        : base(message, cause) => Actor = actor;

    internal IActorRef? Actor { get; set; }

    public override string ToString() => Actor is null ? base.ToString() : $"{Actor}: {base.ToString()}";
}

/// <summary>The old incarnation failed in <c>PreRestart</c>.</summary>
public class PreRestartException : ActorInitializationException
{
    internal PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? optionalMessage)
        : base(actor, "exception in preRestart(" + restartException.GetType() + ")", cause)
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    internal Exception RestartException { get; }

    internal object? OptionalMessage { get; }
}

/// <summary>The new incarnation failed in its constructor or in <c>PostRestart</c>.</summary>
public class PostRestartException : ActorInitializationException
{
    internal PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, "Exception post restart (" + originalCause.GetType() + ")", cause) =>
        OriginalCause = originalCause;

    internal Exception OriginalCause { get; }
}

/// <summary>Thrown by an actor that received <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    internal ActorKilledException(string message)
        : base(message) { }
}

/// <summary>A selection did not lead to an actor in time.</summary>
public class ActorNotFoundException : AkkaException
{
    internal ActorNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}

/// <summary>An ask was not answered in time.</summary>
public class AskTimeoutException : AkkaException
{
    internal AskTimeoutException(string message)
        : base(message) { }
}

/// <summary>A watched actor terminated and the watcher did not handle <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    internal DeathPactException(IActorRef deadActor)
        : base("Monitored actor [" + deadActor + "] terminated") => DeadActor = deadActor;

    internal IActorRef DeadActor { get; }
}

/// <summary>The name cannot be part of an actor path.</summary>
public class IllegalActorNameException : AkkaException
{
    internal IllegalActorNameException(string message)
        : base(message) { }
}

/// <summary>The operation is impossible in the actor's current state.</summary>
public class IllegalActorStateException : AkkaException
{
    internal IllegalActorStateException(string message)
        : base(message) { }
}

/// <summary>The name is taken or malformed.</summary>
public class InvalidActorNameException : AkkaException
{
    internal InvalidActorNameException(string message)
        : base(message) { }
}

/// <summary>The message cannot be sent: it is null.</summary>
public class InvalidMessageException : AkkaException
{
    internal InvalidMessageException(string message)
        : base(message) { }
}

/// <summary>A logger did not start.</summary>
public class LoggerInitializationException : AkkaException
{
    internal LoggerInitializationException(string message)
        : base(message) { }

    internal LoggerInitializationException(string message, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>The scheduler cannot take the work: it is shut down.</summary>
public sealed class SchedulerException : AkkaException
{
    internal SchedulerException(string message)
        : base(message) { }
}

namespace Akka.Actor;

/// <summary>An actor could not be created: its constructor or <c>PreStart</c> threw.</summary>
public class ActorInitializationException : AkkaException
{
    public ActorInitializationException() { }

    public ActorInitializationException(string message)
        : base(message) { }

    public ActorInitializationException(string message, Exception cause)
        : base(message, cause) { }

    public ActorInitializationException(IActorRef? actor, string message, Exception? cause = null)
        : base(message, cause) => Actor = actor;

    public IActorRef? Actor { get; set; }

    public override string ToString() => Actor is null ? base.ToString() : $"{Actor}: {base.ToString()}";
}

/// <summary>The old incarnation failed in <c>PreRestart</c>.</summary>
public class PreRestartException : ActorInitializationException
{
    public PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? optionalMessage)
        : base(actor, "exception in preRestart(" + restartException.GetType() + ")", cause)
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    public Exception RestartException { get; }

    public object? OptionalMessage { get; }
}

/// <summary>The new incarnation failed in its constructor or in <c>PostRestart</c>.</summary>
public class PostRestartException : ActorInitializationException
{
    public PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, "Exception post restart (" + originalCause.GetType() + ")", cause) =>
        OriginalCause = originalCause;

    public Exception OriginalCause { get; }
}

/// <summary>Thrown by an actor that received <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    public ActorKilledException() { }

    public ActorKilledException(string message)
        : base(message) { }
}

/// <summary>A selection did not lead to an actor in time.</summary>
public class ActorNotFoundException : AkkaException
{
    public ActorNotFoundException() { }

    public ActorNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}

/// <summary>An ask was not answered in time.</summary>
public class AskTimeoutException : AkkaException
{
    public AskTimeoutException(string message)
        : base(message) { }
}

/// <summary>A watched actor terminated and the watcher did not handle <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    public DeathPactException(IActorRef deadActor)
        : base("Monitored actor [" + deadActor + "] terminated") => DeadActor = deadActor;

    public IActorRef DeadActor { get; }
}

/// <summary>The name cannot be part of an actor path.</summary>
public class IllegalActorNameException : AkkaException
{
    public IllegalActorNameException(string message)
        : base(message) { }
}

/// <summary>The operation is impossible in the actor's current state.</summary>
public class IllegalActorStateException : AkkaException
{
    public IllegalActorStateException(string message)
        : base(message) { }
}

/// <summary>The name is taken or malformed.</summary>
public class InvalidActorNameException : AkkaException
{
    public InvalidActorNameException(string message)
        : base(message) { }

    public InvalidActorNameException(string message, Exception innerException)
        : base(message, innerException) { }
}

/// <summary>The message cannot be sent: it is null.</summary>
public class InvalidMessageException : AkkaException
{
    public InvalidMessageException() { }

    public InvalidMessageException(string message)
        : base(message) { }
}

/// <summary>A logger did not start.</summary>
public class LoggerInitializationException : AkkaException
{
    public LoggerInitializationException() { }

    public LoggerInitializationException(string message)
        : base(message) { }

    public LoggerInitializationException(string message, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>The scheduler cannot take the work: it is shut down.</summary>
public sealed class SchedulerException : AkkaException
{
    public SchedulerException(string message)
        : base(message) { }
}

using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>What the engine tells an actor's cell; handled before any user message, even while suspended.</summary>
/// <remarks>An instance is linked into one mailbox, so it is sent to one actor and only once.</remarks>
internal abstract class SystemMessage
{
    public SystemMessage? Next;
}

/// <summary>Create the actor instance.</summary>
internal sealed class Create : SystemMessage;

/// <summary>Replace the failed instance by a new one.</summary>
internal sealed class Recreate(Exception cause) : SystemMessage
{
    public Exception Cause { get; } = cause;
}

internal sealed class Suspend : SystemMessage;

internal sealed class Resume(Exception? causedByFailure) : SystemMessage
{
    public Exception? CausedByFailure { get; } = causedByFailure;
}

internal sealed class Terminate : SystemMessage;

internal sealed class Watch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;

    public IInternalActorRef Watcher { get; } = watcher;
}

internal sealed class Unwatch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;

    public IInternalActorRef Watcher { get; } = watcher;
}

internal sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    : SystemMessage
{
    public IActorRef Actor { get; } = actor;

    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    public bool AddressTerminated { get; } = addressTerminated;
}

/// <summary>A child failed and waits, suspended, for its parent's decision.</summary>
internal sealed class Failed(IInternalActorRef child, Exception cause) : SystemMessage
{
    public IInternalActorRef Child { get; } = child;

    public Exception Cause { get; } = cause;
}

/// <summary>A continuation of an asynchronous handler that must run inside the actor.</summary>
internal sealed class ActorTaskMessage(ActorTaskScheduler scheduler, Task task) : SystemMessage
{
    public void Run() => scheduler.Execute(task);
}

/// <summary>An asynchronous handler has come to its end.</summary>
internal sealed class ActorTaskCompleted(Exception? failure, object? message) : SystemMessage
{
    public Exception? Failure { get; } = failure;

    public object? Message { get; } = message;
}

using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>What the engine can do with a reference besides telling it messages.</summary>
internal interface IInternalActorRef : IActorRef
{
    /// <summary>The reference above; a reference without one is its own.</summary>
    IInternalActorRef Parent { get; }

    /// <summary>Whether the actor lives in this process.</summary>
    bool IsLocal { get; }

    bool IsTerminated { get; }

    /// <summary>The reference at the end of <paramref name="name"/>, or <see cref="ActorRefs.Nobody"/>.</summary>
    IInternalActorRef GetChild(ReadOnlySpan<string> name);

    void SendSystemMessage(SystemMessage message);

    void Stop();
}

/// <summary>The reactions of a supervisor, as orders to the child.</summary>
internal static class Supervision
{
    public static void Suspend(this IInternalActorRef child) => child.SendSystemMessage(new Suspend());

    public static void Resume(this IInternalActorRef child, Exception? causedByFailure) =>
        child.SendSystemMessage(new Resume(causedByFailure));

    public static void Restart(this IInternalActorRef child, Exception cause) =>
        child.SendSystemMessage(new Recreate(cause));
}

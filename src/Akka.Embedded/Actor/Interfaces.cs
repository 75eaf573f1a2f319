using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Something one can send messages to.</summary>
public interface ICanTell
{
    void Tell(object message, IActorRef? sender);
}

/// <summary>A handle to an actor, wherever it lives. Two are equal when they mean the same incarnation.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    ActorPath Path { get; }
}

/// <summary>Something that creates actors and looks them up.</summary>
public interface IActorRefFactory
{
    IActorRef ActorOf(Props props, string? name = null);

    ActorSelection ActorSelection(ActorPath actorPath);

    ActorSelection ActorSelection(string actorPath);
}

/// <summary>Something that can be told about the end of actors.</summary>
public interface ICanWatch
{
    /// <summary>From now on <paramref name="subject"/>'s end arrives as <see cref="Terminated"/>, exactly once.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>As <see cref="Watch"/>, with <paramref name="message"/> in place of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What an actor can see of its surroundings; use it only from within the actor.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    IActorRef Self { get; }

    Props Props { get; }

    ActorSystem System { get; }

    IActorRef Parent { get; }

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    IEnumerable<IActorRef> GetChildren();

    void SetReceiveTimeout(TimeSpan? timeout);

    void Stop(IActorRef child);
}

/// <summary>The context of an <see cref="UntypedActor"/>.</summary>
public interface IUntypedActorContext : IActorContext
{
    void Become(UntypedReceive receive);
}

/// <summary>Handles a message; false when it does not know it.</summary>
public delegate bool Receive(object message);

/// <summary>Handles any message.</summary>
public delegate void UntypedReceive(object message);

/// <summary>A message that carries another one.</summary>
public interface IWrappedMessage
{
    object Message { get; }
}

/// <summary>A message that the engine handles in the actor's stead.</summary>
public interface IAutoReceivedMessage;

/// <summary>A message that remote systems may not send in untrusted mode.</summary>
public interface IPossiblyHarmful;

/// <summary>A message that does not count as activity for the receive timeout.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>A message that never leaves its process.</summary>
public interface INoSerializationVerificationNeeded;

/// <summary>An actor as the engine sees it.</summary>
public interface IInternalActor
{
    IActorContext ActorContext { get; }
}

/// <summary>Makes an actor's instances in a way of its own.</summary>
public interface IIndirectActorProducer
{
    Type ActorType { get; }

    /// <summary>A new instance each time: the first one, and one after each restart.</summary>
    ActorBase Produce();

    /// <summary>The instance is not used any more.</summary>
    void Release(ActorBase actor);
}

using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>What all references share: identity by path and incarnation.</summary>
public abstract class ActorRefBase : IActorRef
{
    public abstract ActorPath Path { get; }

    public void Tell(object message, IActorRef? sender)
    {
        if (message is null)
            throw new InvalidMessageException("Message is null");
        TellInternal(message, sender);
    }

    protected abstract void TellInternal(object message, IActorRef? sender);

    public int CompareTo(object? obj) => ActorRefIdentity.Compare(this, obj);

    public int CompareTo(IActorRef? other) => ActorRefIdentity.Compare(this, other);

    public bool Equals(IActorRef? other) => ActorRefIdentity.AreEqual(this, other);

    public override bool Equals(object? obj) => obj is IActorRef other && Equals(other);

    public override int GetHashCode() => ActorRefIdentity.HashCodeOf(this);

    public override string ToString() => ActorRefIdentity.TextOf(this);
}

/// <summary>What makes two references the same, for those that have another base as well.</summary>
internal static class ActorRefIdentity
{
    public static int Compare(IActorRef self, object? obj) =>
        obj is null or IActorRef
            ? Compare(self, obj as IActorRef)
            : throw new ArgumentException("not an actor reference", nameof(obj));

    public static int Compare(IActorRef self, IActorRef? other)
    {
        if (other is null)
            return 1;
        var paths = self.Path.CompareTo(other.Path);
        return paths != 0 ? paths : self.Path.Uid.CompareTo(other.Path.Uid);
    }

    public static bool AreEqual(IActorRef self, IActorRef? other) =>
        ReferenceEquals(self, other)
        || (other is not null && self.Path.Uid == other.Path.Uid && self.Path.Equals(other.Path));

    public static int HashCodeOf(IActorRef self) => HashCode.Combine(self.Path.Uid, self.Path);

    public static string TextOf(IActorRef self) =>
        self.Path.Uid == 0 ? $"[{self.Path}]" : $"[{self.Path.ToStringWithUid()}]";
}

/// <summary>A reference without an actor behind it.</summary>
internal abstract class MinimalActorRef : ActorRefBase, IInternalActorRef
{
    public virtual IInternalActorRef Parent => ActorRefs.Nobody;

    public virtual bool IsLocal => true;

    public virtual bool IsTerminated => false;

    public virtual IInternalActorRef GetChild(ReadOnlySpan<string> name) =>
        name.IsEmpty || (name.Length == 1 && name[0].Length == 0) ? this : ActorRefs.Nobody;

    public virtual void SendSystemMessage(SystemMessage message) { }

    public virtual void Stop() { }

    protected override void TellInternal(object message, IActorRef? sender) { }
}

/// <summary>The references that stand for none.</summary>
public static class ActorRefs
{
    /// <summary>Swallows what it is told.</summary>
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>As a sender: answers go to the dead letters.</summary>
    public static readonly IActorRef NoSender = null!;
}

/// <summary>A reference to no actor.</summary>
public sealed class Nobody : ActorRefBase, IInternalActorRef
{
    internal static readonly Nobody Instance = new();

    private Nobody() { }

    public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems, "/Nobody");

    IInternalActorRef IInternalActorRef.Parent => this;

    bool IInternalActorRef.IsLocal => true;

    bool IInternalActorRef.IsTerminated => true;

    IInternalActorRef IInternalActorRef.GetChild(ReadOnlySpan<string> name) => this;

    void IInternalActorRef.SendSystemMessage(SystemMessage message) { }

    void IInternalActorRef.Stop() { }

    protected override void TellInternal(object message, IActorRef? sender) { }
}

/// <summary>Questions to references.</summary>
public static class ActorRefExtensions
{
    internal static bool IsNobody(this IActorRef? actorRef) => actorRef is null or Actor.Nobody;
}

/// <summary>Sending with the running actor as the sender.</summary>
public static class ActorRefImplicitSenderExtensions
{
    /// <summary>Sends from the actor that is running on this thread, or from nobody outside of one.</summary>
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Passes a message on with its original sender.</summary>
    public static void Forward(this IActorRef receiver, object message) =>
        receiver.Tell(message, ActorCell.Current?.Sender);
}

/// <summary>Shorthands for creating and selecting actors.</summary>
public static class ActorRefFactoryExtensions
{
    internal static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string? name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);
}

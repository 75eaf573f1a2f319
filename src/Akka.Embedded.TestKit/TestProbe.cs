using Akka.Actor;
using Akka.Dispatch;

namespace Akka.TestKit;

/// <summary>A test actor beside the test's own: a partner in a conversation. It can be used as a reference itself.</summary>
public class TestProbe : TestKitBase, INoImplicitSender, IInternalActorRef
{
    public TestProbe(ActorSystem system, ITestKitAssertions assertions, string? testProbeName = null)
        : base(assertions, system, testProbeName) { }

    public IActorRef Ref => TestActor;

    /// <summary>Who sent the message that was received last.</summary>
    public IActorRef Sender => LastSender;

    ActorPath IActorRef.Path => Ref.Path;

    IInternalActorRef IInternalActorRef.Parent => Inner.Parent;

    bool IInternalActorRef.IsLocal => Inner.IsLocal;

    bool IInternalActorRef.IsTerminated => Inner.IsTerminated;

    private IInternalActorRef Inner => (IInternalActorRef)Ref;

    /// <summary>Tells <paramref name="actor"/> with this probe as the sender.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, Ref);

    /// <summary>Passes the last message on with its original sender.</summary>
    public void Forward(IActorRef actor) => Forward(actor, LastMessage!);

    public void Forward(IActorRef actor, object message) => actor.Tell(message, LastSender);

    /// <summary>Answers the sender of the last message.</summary>
    public void Reply(object message) => LastSender.Tell(message, Ref);

    public int CompareTo(object? obj) => Ref.CompareTo(obj);

    public override bool Equals(object? obj) => Ref.Equals(obj);

    public override int GetHashCode() => Ref.GetHashCode();

    public override string ToString() => Ref.ToString()!;

    void ICanTell.Tell(object message, IActorRef? sender) => Ref.Tell(message, sender);

    bool IEquatable<IActorRef>.Equals(IActorRef? other) => Ref.Equals(other);

    int IComparable<IActorRef>.CompareTo(IActorRef? other) => Ref.CompareTo(other);

    IInternalActorRef IInternalActorRef.GetChild(ReadOnlySpan<string> name) => Inner.GetChild(name);

    void IInternalActorRef.SendSystemMessage(SystemMessage message) => Inner.SendSystemMessage(message);

    void IInternalActorRef.Stop() => Inner.Stop();
}

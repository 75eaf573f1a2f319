using System.Diagnostics.CodeAnalysis;
using Akka.Dispatch;
using Akka.Event;
using Akka.Remote;

namespace Akka.Actor;

/// <summary>Everything about one actor that outlives its instance: mailbox, children, watchers, behaviour.</summary>
/// <remarks>
/// Its members are called from within the mailbox's run, except those that say otherwise. The parts are:
/// messages (<c>ActorCell.Messages.cs</c>), birth and death (<c>ActorCell.Lifecycle.cs</c>), children
/// (<c>ActorCell.Children.cs</c>), death watch (<c>ActorCell.DeathWatch.cs</c>), asynchronous handlers
/// (<c>ActorCell.Async.cs</c>).
/// </remarks>
internal sealed partial class ActorCell : IUntypedActorContext
{
    [ThreadStatic]
    private static ActorCell? _current;

    private readonly Props _props;
    private ActorBase? _actor;
    private Receive? _behavior;
    private Stack<Receive?>? _behaviors;
    private Envelope _envelope;

    public ActorCell(ActorSystemImpl system, LocalActorRef self, Props props, IInternalActorRef parent)
    {
        System = system;
        Self = self;
        Parent = parent;
        _props = props;
        Dispatcher = system.Dispatchers.Lookup(props.Dispatcher);
        Mailbox = new Mailbox(this, Dispatcher);
    }

    /// <summary>The cell whose actor runs on this thread; test kits put their own actor's here.</summary>
    public static ActorCell? Current
    {
        get => _current;
        set => _current = value;
    }

    public ActorSystemImpl System { get; }

    public LocalActorRef Self { get; }

    public IInternalActorRef Parent { get; }

    public Mailbox Mailbox { get; }

    public MessageDispatcher Dispatcher { get; }

    public Props Props => _props;

    public IActorRef Sender => _envelope.Sender ?? System.DeadLetters;

    /// <summary>Over which connection this actor has sent last, and before which of its fences; see <see cref="OutboundLane"/>.</summary>
    public (OutboundLane? Lane, long Fence) LastSent { get; set; }

    public object? CurrentMessage => _envelope.Message;

    /// <summary>The instance; null before it was made and after it has ended.</summary>
    public ActorBase? Actor => _actor;

    ActorSystem IActorContext.System => System;

    IActorRef IActorContext.Self => Self;

    IActorRef IActorContext.Parent => Parent;

    public static ActorCell? EnterThread(ActorCell cell)
    {
        var previous = _current;
        _current = cell;
        return previous;
    }

    public static void LeaveThread(ActorCell? previous) => _current = previous;

    public static ActorCell RequireCurrent() => _current ?? ThrowNoContext();

    [DoesNotReturn]
    private static ActorCell ThrowNoContext() =>
        throw new NotSupportedException(
            "There is no active ActorContext, this is most likely due to use of async operations from within this actor."
        );

    public void Become(Receive receive)
    {
        _behaviors?.TryPop(out _);
        _behavior = receive;
        _behaviors?.Push(receive);
    }

    public void BecomeStacked(Receive receive)
    {
        if (_behaviors is null)
        {
            _behaviors = new Stack<Receive?>();
            _behaviors.Push(_behavior);
        }

        _behaviors.Push(receive);
        _behavior = receive;
    }

    public void UnbecomeStacked()
    {
        _behaviors?.TryPop(out _);
        _behavior = null;
        _behaviors?.TryPeek(out _behavior);
        _behavior ??= _actor!.InitialBehavior();
    }

    public void Become(UntypedReceive receive) => Become(ToReceive(receive));

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(ToReceive(receive));

    public ActorSelection ActorSelection(ActorPath actorPath) => System.ActorSelection(actorPath);

    public ActorSelection ActorSelection(string actorPath) => ActorSelectionFactory.Create(System, Self, actorPath);

    /// <summary>May be called from any thread.</summary>
    public void SendSystemMessage(SystemMessage message) => Mailbox.PostSystem(message);

    private static Receive ToReceive(UntypedReceive receive) =>
        message =>
        {
            receive(message);
            return true;
        };

    private void Publish(object logEvent) => System.EventStream.Publish(logEvent);
}

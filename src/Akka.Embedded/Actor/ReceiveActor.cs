namespace Akka.Actor;

/// <summary>An actor that says in its constructor which messages it handles how.</summary>
public abstract class ReceiveActor : UntypedActor
{
    private readonly ReceiveHandlers _initial = new();
    private ReceiveHandlers? _building;

    protected ReceiveActor() => _building = _initial;

    protected sealed override void OnReceive(object message)
    {
        if (!_initial.TryHandle(message))
            Unhandled(message);
    }

    internal override Receive InitialBehavior()
    {
        _building = null;
        return _initial.TryHandle;
    }

    protected void Become(Action configure) => base.Become(Configure(configure));

    protected void BecomeStacked(Action configure) => base.BecomeStacked(Configure(configure));

    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        Add(new ReceiveHandlers.Of<T>(message => RunTask(() => handler(message)), shouldHandle));

    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        Add(new ReceiveHandlers.Of<T>(handler, shouldHandle));

    protected void Receive<T>(Predicate<T>? shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <summary>Handles a message when <paramref name="handler"/> returns true; otherwise the next one is asked.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Add(new ReceiveHandlers.Maybe<T>(handler));

    protected void ReceiveAny(Action<object> handler) => Add(new ReceiveHandlers.Any(handler));

    private Receive Configure(Action configure)
    {
        var outer = _building;
        var handlers = _building = new ReceiveHandlers();
        try
        {
            configure();
        }
        finally
        {
            _building = outer;
        }

        return handlers.TryHandle;
    }

    private void Add(ReceiveHandlers.Handler handler) =>
        (
            _building
            ?? throw new InvalidOperationException(
                "You may only call Receive-methods when constructing the actor and inside Become()"
            )
        ).Add(handler);
}

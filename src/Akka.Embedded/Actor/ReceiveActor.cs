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

    protected void ReceiveAsync<T>(Predicate<T>? shouldHandle, Func<T, Task> handler) =>
        ReceiveAsync(handler, shouldHandle);

    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        Add(new ReceiveHandlers.OfType(messageType, message => RunTask(() => handler(message)), shouldHandle));

    protected void ReceiveAsync(Type messageType, Predicate<object>? shouldHandle, Func<object, Task> handler) =>
        ReceiveAsync(messageType, handler, shouldHandle);

    protected void ReceiveAnyAsync(Func<object, Task> handler) =>
        Add(new ReceiveHandlers.Any(message => RunTask(() => handler(message))));

    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) =>
        Add(new ReceiveHandlers.Of<T>(handler, shouldHandle));

    protected void Receive<T>(Predicate<T>? shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    protected void Receive(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        Add(new ReceiveHandlers.OfType(messageType, handler, shouldHandle));

    protected void Receive(Type messageType, Predicate<object>? shouldHandle, Action<object> handler) =>
        Receive(messageType, handler, shouldHandle);

    /// <summary>Handles a message when <paramref name="handler"/> returns true; otherwise the next one is asked.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Add(new ReceiveHandlers.Maybe<T>(handler));

    protected void Receive(Type messageType, Func<object, bool> handler) =>
        Add(new ReceiveHandlers.Maybe<object>(message => messageType.IsInstanceOfType(message) && handler(message)));

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

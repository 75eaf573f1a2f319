namespace Akka.Actor;

/// <summary>The handlers of one behaviour, asked in the order in which they were added.</summary>
internal sealed class ReceiveHandlers
{
    private readonly List<Handler> _handlers = [];
    private readonly Dictionary<Type, int> _firstByType = [];
    private Type? _lastType;
    private int _lastFirst;

    public void Add(Handler handler)
    {
        if (_handlers is [.., Any])
        {
            throw new InvalidOperationException(
                "A handler that catches all messages has been added. No handler can be added after that."
            );
        }

        _handlers.Add(handler);
    }

    public bool TryHandle(object message)
    {
        var type = message.GetType();
        if (type != _lastType)
        {
            _lastFirst = FirstFor(type);
            _lastType = type;
        }

        for (var i = _lastFirst; i < _handlers.Count; i++)
        {
            if (_handlers[i].TryHandle(message))
                return true;
        }

        return false;
    }

    /// <summary>Most messages have one handler: those before it need not be asked each time.</summary>
    private int FirstFor(Type type)
    {
        if (_firstByType.TryGetValue(type, out var first))
            return first;
        first = _handlers.FindIndex(handler => handler.MessageType.IsAssignableFrom(type));
        if (first < 0)
            first = _handlers.Count;
        _firstByType.Add(type, first);
        return first;
    }

    internal abstract class Handler(Type messageType)
    {
        public Type MessageType { get; } = messageType;

        public abstract bool TryHandle(object message);
    }

    internal sealed class Of<T>(Action<T> handler, Predicate<T>? shouldHandle) : Handler(typeof(T))
    {
        public override bool TryHandle(object message)
        {
            if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed)))
                return false;
            handler(typed);
            return true;
        }
    }

    internal sealed class OfType(Type type, Action<object> handler, Predicate<object>? shouldHandle) : Handler(type)
    {
        public override bool TryHandle(object message)
        {
            if (!MessageType.IsInstanceOfType(message) || (shouldHandle is not null && !shouldHandle(message)))
                return false;
            handler(message);
            return true;
        }
    }

    internal sealed class Maybe<T>(Func<T, bool> handler) : Handler(typeof(T))
    {
        public override bool TryHandle(object message) => message is T typed && handler(typed);
    }

    internal sealed class Any(Action<object> handler) : Handler(typeof(object))
    {
        public override bool TryHandle(object message)
        {
            handler(message);
            return true;
        }
    }
}

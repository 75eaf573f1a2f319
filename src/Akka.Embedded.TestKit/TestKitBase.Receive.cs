using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <returns>The next message; null when none comes in time.</returns>
    public object? ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        TryReceiveOne(out var envelope, max, cancellationToken) ? envelope.Message : null;

    public async ValueTask<object?> ReceiveOneAsync(
        TimeSpan? max = null,
        CancellationToken cancellationToken = default
    ) => await TakeAsync(RemainingOrDilated(max), cancellationToken) is { } envelope ? envelope.Message : null;

    public bool TryReceiveOne(
        [NotNullWhen(true)] out MessageEnvelope? envelope,
        TimeSpan? max = null,
        CancellationToken cancellationToken = default
    )
    {
        _lastWasNoMessage = false;
        var taken = _queue.TryTake(RemainingOrDilated(max), out envelope, cancellationToken);
        _last = envelope ?? NullMessageEnvelope.Instance;
        return taken;
    }

    /// <summary>
    /// Takes messages while <paramref name="filter"/> makes something of them; the first of which it makes null stays
    /// for the next expectation.
    /// </summary>
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max,
        Func<object, T?> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class => ReceiveWhile(filter, max, idle: null, msgs, cancellationToken);

    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max,
        TimeSpan? idle,
        Func<object, T?> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class => ReceiveWhile(filter, max, idle, msgs, cancellationToken);

    public IReadOnlyList<T> ReceiveWhile<T>(
        Func<object, T?> filter,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class
    {
        ArgumentNullException.ThrowIfNull(filter);
        var deadline = Now + RemainingOrDilated(max);
        var before = _last;
        List<T> received = [];
        while (received.Count < msgs)
        {
            var left = Left(deadline);
            if (!_queue.TryTake(idle < left ? idle.Value : left, out var envelope, cancellationToken))
                break;
            if (filter(envelope.Message!) is not { } made)
            {
                _queue.PutBack(envelope);
                break;
            }

            before = envelope;
            received.Add(made);
        }

        _last = before;
        // As after ExpectNoMsg: having waited for the end is no failure of a surrounding Within.
        _lastWasNoMessage = true;
        return received;
    }

    /// <summary>Takes that many messages; fails when fewer come in time.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveUntil(numberOfMessages, RemainingOrDefault, cancellationToken);

    public IReadOnlyCollection<object> ReceiveN(
        int numberOfMessages,
        TimeSpan max,
        CancellationToken cancellationToken = default
    ) => ReceiveUntil(numberOfMessages, Dilated(max), cancellationToken);

    private List<object> ReceiveUntil(int count, TimeSpan limit, CancellationToken cancellationToken)
    {
        var deadline = Now + limit;
        List<object> received = [];
        while (received.Count < count)
        {
            if (Take(Left(deadline), cancellationToken) is not { } envelope)
                Fail($"{received.Count} of {count} messages came within {limit}: {string.Join(", ", received)}");
            else
                received.Add(envelope.Message!);
        }

        return received;
    }

    /// <param name="limit">As it is: neither dilated nor cut to the surrounding Within.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    private MessageEnvelope? Take(TimeSpan limit, CancellationToken cancellationToken)
    {
        _lastWasNoMessage = false;
        _queue.TryTake(limit, out var envelope, cancellationToken);
        _last = envelope ?? NullMessageEnvelope.Instance;
        return envelope;
    }

    private async ValueTask<MessageEnvelope?> TakeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _lastWasNoMessage = false;
        var envelope = await _queue.TakeAsync(limit, cancellationToken);
        _last = envelope ?? NullMessageEnvelope.Instance;
        return envelope;
    }
}

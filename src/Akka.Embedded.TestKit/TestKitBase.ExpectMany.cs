namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Fails unless the next message equals one of <paramref name="messages"/>.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default)
    {
        var expected = messages.ToList();
        return Expect<T>(
            timeout: null,
            hint: null,
            (message, sender) =>
            {
                if (!expected.Contains(message))
                    Fail($"One of {string.Join(", ", expected)} was expected, and {message} came from {sender}");
            },
            cancellationToken
        );
    }

    /// <summary>Fails unless the next messages are these, in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) =>
        ExpectAllOf(RemainingOrDefault, messages, CancellationToken.None);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default
    ) => ExpectAllOf(RemainingOrDefault, messages, cancellationToken);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) =>
        ExpectAllOf(Dilated(max), messages, CancellationToken.None);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(
        TimeSpan max,
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default
    ) => ExpectAllOf(Dilated(max), messages, cancellationToken);

    /// <summary>Skips messages until one fulfils the predicate; fails when none does in time.</summary>
    public object FishForMessage(
        Predicate<object> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    ) => FishForMessage<object>(isMessage, max, hint, cancellationToken);

    public T FishForMessage<T>(
        Predicate<T> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(isMessage);
        var limit = RemainingOrDilated(max);
        var deadline = Now + limit;
        List<object?> skipped = [];
        while (true)
        {
            var envelope = Take(Left(deadline), cancellationToken);
            if (envelope is null)
                FailFishing<T>(limit, skipped, hint);
            if (envelope.Message is T message && isMessage(message))
                return message;
            skipped.Add(envelope.Message);
        }
    }

    public async ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(isMessage);
        var limit = RemainingOrDilated(max);
        var deadline = Now + limit;
        List<object?> skipped = [];
        while (true)
        {
            var envelope = await TakeAsync(Left(deadline), cancellationToken);
            if (envelope is null)
                FailFishing<T>(limit, skipped, hint);
            if (envelope.Message is T message && isMessage(message))
                return message;
            skipped.Add(envelope.Message);
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void FailFishing<T>(TimeSpan limit, List<object?> skipped, string? hint) =>
        Fail(
            $"No {typeof(T)} that fulfils the predicate came within {limit}, "
                + (skipped.Count == 0 ? "nor anything else" : $"only: {string.Join(", ", skipped)}"),
            hint
        );

    private List<T> ExpectAllOf<T>(TimeSpan limit, IReadOnlyCollection<T> messages, CancellationToken cancellationToken)
    {
        var received = ReceiveUntil(messages.Count, limit, cancellationToken);
        var unexpected = received.ToList();
        var missing = messages.Where(message => !unexpected.Remove(message!)).ToList();
        if (missing.Count > 0)
        {
            Fail(
                $"These messages did not come: {string.Join(", ", missing)}; "
                    + $"these came in their place: {string.Join(", ", unexpected)}"
            );
        }

        return [.. received.Cast<T>()];
    }
}

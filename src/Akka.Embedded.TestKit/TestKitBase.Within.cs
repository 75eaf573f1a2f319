namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private TimeSpan? _deadline;
    private bool _lastWasNoMessage;

    /// <summary>What is left of the surrounding Within, or the default of one expectation outside of one.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(TestKitSettings.SingleExpectDefault));

    /// <exception cref="InvalidOperationException">There is no surrounding Within.</exception>
    public TimeSpan Remaining =>
        _deadline is { } deadline
            ? Left(deadline)
            : throw new InvalidOperationException("Remaining means something only inside of Within");

    protected TimeSpan RemainingOr(TimeSpan duration) => _deadline is { } deadline ? Left(deadline) : duration;

    /// <summary>The dilated duration, or without one what is left.</summary>
    public TimeSpan RemainingOrDilated(TimeSpan? duration) =>
        duration is { } given ? Dilated(given) : RemainingOrDefault;

    /// <summary>Fails when <paramref name="action"/> takes longer; expectations inside wait no longer than that.</summary>
    public void Within(
        TimeSpan max,
        Action action,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => Within(TimeSpan.Zero, max, action, hint: null, epsilonValue, cancellationToken);

    public void Within(
        TimeSpan min,
        TimeSpan max,
        Action action,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) =>
        Within(
            min,
            max,
            () =>
            {
                action();
                return true;
            },
            hint,
            epsilonValue,
            cancellationToken
        );

    public T Within<T>(
        TimeSpan max,
        Func<T> function,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => Within(TimeSpan.Zero, max, function, hint: null, epsilonValue, cancellationToken);

    public T Within<T>(
        TimeSpan min,
        TimeSpan max,
        Func<T> function,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(function);
        cancellationToken.ThrowIfCancellationRequested();
        var limit = BeginWithin(min, max, hint);
        T result;
        try
        {
            result = function();
        }
        finally
        {
            _deadline = limit.Outer;
        }

        EndWithin(limit, epsilonValue, hint);
        return result;
    }

    public Task WithinAsync(
        TimeSpan max,
        Func<Task> actionAsync,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => WithinAsync(TimeSpan.Zero, max, actionAsync, hint: null, epsilonValue, cancellationToken);

    public async Task WithinAsync(
        TimeSpan min,
        TimeSpan max,
        Func<Task> actionAsync,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(actionAsync);
        cancellationToken.ThrowIfCancellationRequested();
        var limit = BeginWithin(min, max, hint);
        try
        {
            await actionAsync();
        }
        finally
        {
            _deadline = limit.Outer;
        }

        EndWithin(limit, epsilonValue, hint);
    }

    private readonly record struct Limit(TimeSpan Start, TimeSpan Min, TimeSpan Max, TimeSpan? Outer);

    private Limit BeginWithin(TimeSpan min, TimeSpan max, string? hint)
    {
        var start = Now;
        var outer = _deadline;
        var dilated = Dilated(max);
        if (outer is { } deadline && Left(deadline) < min)
            Fail($"{Left(deadline)} is left, and at least {min} is asked for", hint);
        var end = start + dilated;
        _deadline = end < (outer ?? TimeSpan.MaxValue) ? end : outer;
        _lastWasNoMessage = false;
        return new Limit(start, min, dilated, outer);
    }

    private void EndWithin(Limit limit, TimeSpan? epsilon, string? hint)
    {
        var took = Now - limit.Start;
        if (took < limit.Min)
            Fail($"The block took {took}, less than {limit.Min}", hint);
        // To expect no message is to wait until the very end, so a little more than all of it is no failure.
        if (!_lastWasNoMessage && took > limit.Max + (epsilon ?? TimeSpan.Zero))
            Fail($"The block took {took}, longer than {limit.Max}", hint);
    }

    private static TimeSpan Left(TimeSpan deadline)
    {
        var left = deadline - Now;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    internal void FailExpectation(string problem) => Fail(problem);

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Fail(string problem, string? hint = null)
    {
        _assertions.Fail(string.IsNullOrEmpty(hint) ? problem : $"{problem} ({hint})");
        throw new InvalidOperationException($"{_assertions.GetType()} let a failure pass: {problem}");
    }
}

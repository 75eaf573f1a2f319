namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Repeats <paramref name="assertion"/> until it throws nothing more; its last exception fails the test.</summary>
    public void AwaitAssert(
        Action assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(assertion);
        var deadline = Now + RemainingOrDilated(duration);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                assertion();
                return;
            }
            catch (Exception) when (Now < deadline)
            {
                // Not yet: the next attempt decides.
            }

            Pause(interval, deadline, cancellationToken);
        }
    }

    public Task AwaitAssertAsync(
        Action assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) =>
        AwaitAssertAsync(
            () =>
            {
                assertion();
                return Task.CompletedTask;
            },
            duration,
            interval,
            cancellationToken
        );

    public async Task AwaitAssertAsync(
        Func<Task> assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(assertion);
        var deadline = Now + RemainingOrDilated(duration);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await assertion();
                return;
            }
            catch (Exception) when (Now < deadline)
            {
                // Not yet: the next attempt decides.
            }

            await PauseAsync(interval, deadline, cancellationToken);
        }
    }

    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max: null, interval: null, message: null, cancellationToken);

    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        CancellationToken cancellationToken = default
    ) => AwaitCondition(conditionIsFulfilled, max, interval: null, message: null, cancellationToken);

    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        string message,
        CancellationToken cancellationToken = default
    ) => AwaitCondition(conditionIsFulfilled, max, interval: null, message, cancellationToken);

    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default
    )
    {
        var limit = RemainingOrDilated(max);
        if (!IsFulfilledWithin(conditionIsFulfilled, limit, interval, cancellationToken))
            Fail($"The condition did not come true within {limit}", message);
    }

    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max: null, interval: null, message: null, cancellationToken);

    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        CancellationToken cancellationToken = default
    ) => AwaitConditionAsync(conditionIsFulfilled, max: null, interval: null, message: null, cancellationToken);

    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        CancellationToken cancellationToken = default
    ) => AwaitConditionAsync(conditionIsFulfilled, max, interval: null, message: null, cancellationToken);

    public Task AwaitConditionAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default
    ) => AwaitConditionAsync(() => Task.FromResult(conditionIsFulfilled()), max, interval, message, cancellationToken);

    public async Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(conditionIsFulfilled);
        var limit = RemainingOrDilated(max);
        var deadline = Now + limit;
        while (!await conditionIsFulfilled())
        {
            if (Now >= deadline)
                Fail($"The condition did not come true within {limit}", message);
            await PauseAsync(interval, deadline, cancellationToken);
        }
    }

    /// <returns>Whether the condition came true in time.</returns>
    public bool AwaitConditionNoThrow(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => IsFulfilledWithin(conditionIsFulfilled, Dilated(max), interval, cancellationToken);

    private static bool IsFulfilledWithin(
        Func<bool> conditionIsFulfilled,
        TimeSpan limit,
        TimeSpan? interval,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(conditionIsFulfilled);
        var deadline = Now + limit;
        while (!conditionIsFulfilled())
        {
            if (Now >= deadline)
                return false;
            Pause(interval, deadline, cancellationToken);
        }

        return true;
    }

    private static void Pause(TimeSpan? interval, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (cancellationToken.WaitHandle.WaitOne(NextPause(interval, deadline)))
            throw new OperationCanceledException(cancellationToken);
    }

    private static Task PauseAsync(TimeSpan? interval, TimeSpan deadline, CancellationToken cancellationToken) =>
        Task.Delay(NextPause(interval, deadline), cancellationToken);

    private static TimeSpan NextPause(TimeSpan? interval, TimeSpan deadline)
    {
        var left = Left(deadline);
        var asked = interval ?? DefaultInterval;
        return asked < left ? asked : left;
    }
}

namespace Akka.TestKit;

/// <summary>Which events are meant: log events, or dead letters.</summary>
internal sealed record LogFilter(string Description, Predicate<object> Matches)
{
    public override string ToString() => Description;
}

/// <summary>One use of filters: counts what they match while it is in force. The listener counts, the test waits.</summary>
internal sealed class LogExpectation(IReadOnlyList<LogFilter> filters, int expectedCount)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Ends when the expected number was counted.</summary>
    public Task Reached => expectedCount == 0 ? Task.CompletedTask : _reached.Task;

    public bool TryCount(object logged)
    {
        if (!filters.Any(filter => filter.Matches(logged)))
            return false;
        if (Interlocked.Increment(ref _count) == expectedCount)
            _reached.TrySetResult();
        return true;
    }

    public override string ToString() => string.Join(" or ", filters);
}

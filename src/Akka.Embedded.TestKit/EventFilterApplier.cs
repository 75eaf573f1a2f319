using Akka.Actor;

namespace Akka.TestKit;

internal sealed class EventFilterApplier(TestKitBase kit, ActorSystem system, IReadOnlyList<LogFilter> filters)
    : IEventFilterApplier
{
    public EventFilterFactory And => new(kit, system, filters);

    private TimeSpan Leeway => kit.Dilated(kit.TestKitSettings.TestEventFilterLeeway);

    public void ExpectOne(Action action, CancellationToken cancellationToken = default) =>
        Expect(1, action, cancellationToken);

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        Expect(1, timeout, action, cancellationToken);

    public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default) =>
        Expect(1, func, cancellationToken);

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        ExpectAsync(1, actionAsync, cancellationToken);

    public Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        ExpectAsync(1, kit.Dilated(timeout), action, cancellationToken);

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Expect(expectedCount, Leeway, Returning(action), cancellationToken);

    public void Expect(
        int expectedCount,
        TimeSpan timeout,
        Action action,
        CancellationToken cancellationToken = default
    ) => Expect(expectedCount, kit.Dilated(timeout), Returning(action), cancellationToken);

    public T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default) =>
        Expect(expectedCount, Leeway, func, cancellationToken);

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, Leeway, actionAsync, cancellationToken);

    public void Mute(Action action, CancellationToken cancellationToken = default)
    {
        using var muted = Mute();
        action();
        Flush().Wait(Leeway, cancellationToken);
    }

    public async Task MuteAsync(Func<Task> action, CancellationToken cancellationToken = default)
    {
        using var muted = Mute();
        await action();
        await Flush().WaitAsync(Leeway, cancellationToken);
    }

    public IUnmutableFilter Mute() => new Muted(system, new LogExpectation(filters, expectedCount: -1));

    private T Expect<T>(int expectedCount, TimeSpan limit, Func<T> func, CancellationToken cancellationToken)
    {
        var expectation = new LogExpectation(filters, expectedCount);
        using var muted = new Muted(system, expectation);
        var result = func();
        expectation.Reached.Wait(limit, cancellationToken);
        Flush().Wait(limit, cancellationToken);
        Check(expectation, expectedCount, limit);
        return result;
    }

    private async Task ExpectAsync(
        int expectedCount,
        TimeSpan limit,
        Func<Task> action,
        CancellationToken cancellationToken
    )
    {
        var expectation = new LogExpectation(filters, expectedCount);
        using var muted = new Muted(system, expectation);
        await action();
        await Task.WhenAny(expectation.Reached, Task.Delay(limit, cancellationToken));
        await Flush().WaitAsync(limit, cancellationToken);
        Check(expectation, expectedCount, limit);
    }

    private void Check(LogExpectation expectation, int expectedCount, TimeSpan limit)
    {
        if (expectation.Count != expectedCount)
            kit.FailExpectation($"{expectedCount} × {expectation} expected within {limit}, {expectation.Count} logged");
    }

    /// <summary>One event too many may wait in the listener's mailbox: before counting, everything there is handled.</summary>
    private Task Flush()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.EventStream.Publish(new TestEventListener.Order.Flush(done));
        return done.Task;
    }

    private static Func<bool> Returning(Action action) =>
        () =>
        {
            action();
            return true;
        };

    private sealed class Muted : IUnmutableFilter
    {
        private readonly ActorSystem _system;
        private readonly LogExpectation _expectation;

        public Muted(ActorSystem system, LogExpectation expectation)
        {
            _system = system;
            _expectation = expectation;
            system.EventStream.Publish(new TestEventListener.Order.Mute(expectation));
        }

        public void Unmute() => _system.EventStream.Publish(new TestEventListener.Order.Unmute(_expectation));

        public void Dispose() => Unmute();
    }
}

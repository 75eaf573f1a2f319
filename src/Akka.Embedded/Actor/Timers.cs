namespace Akka.Actor;

/// <summary>An actor that uses timers; they end with its instance.</summary>
public interface IWithTimers
{
    ITimerScheduler Timers { get; set; }
}

/// <summary>The timers of one actor, each with a key. Starting one ends the earlier one of that key for good.</summary>
public interface ITimerScheduler
{
    void StartPeriodicTimer(object key, object msg, TimeSpan interval);

    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval);

    void StartSingleTimer(object key, object msg, TimeSpan timeout);

    bool IsTimerActive(object key);

    /// <summary>From now on no message of this timer is handled, not even one that waits in the mailbox.</summary>
    void Cancel(object key);

    void CancelAll();
}

/// <summary>What a timer sends to its actor.</summary>
internal sealed class TimerFired(TimerScheduler owner, object key, object message, int generation, bool repeated)
    : INoSerializationVerificationNeeded
{
    public TimerScheduler Owner { get; } = owner;

    public object Key { get; } = key;

    public object Message { get; } = message;

    public int Generation { get; } = generation;

    public bool Repeated { get; } = repeated;
}

internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, (int Generation, ICancelable Task)> _timers = [];
    private int _generation;

    public IReadOnlyCollection<object> ActiveTimers => [.. _timers.Keys];

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) =>
        StartPeriodicTimer(key, msg, interval, interval, cell.Self);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) =>
        StartPeriodicTimer(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) =>
        StartPeriodicTimer(key, msg, initialDelay, interval, cell.Self);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender)
    {
        var fired = Next(key, msg, repeated: true);
        var task = cell.System.Scheduler.ScheduleTellRepeatedlyCancelable(
            initialDelay,
            interval,
            cell.Self,
            fired,
            sender
        );
        _timers[key] = (fired.Generation, task);
    }

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) =>
        StartSingleTimer(key, msg, timeout, cell.Self);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender)
    {
        var fired = Next(key, msg, repeated: false);
        var task = cell.System.Scheduler.ScheduleTellOnceCancelable(timeout, cell.Self, fired, sender);
        _timers[key] = (fired.Generation, task);
    }

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer))
            timer.Task.Cancel();
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values)
            timer.Task.Cancel();
        _timers.Clear();
    }

    /// <returns>The message to handle; null when the timer was cancelled or started anew since it fired.</returns>
    public object? Intercept(TimerFired fired)
    {
        if (!ReferenceEquals(fired.Owner, this))
            return null;
        if (!_timers.TryGetValue(fired.Key, out var timer) || timer.Generation != fired.Generation)
            return null;
        if (!fired.Repeated)
            _timers.Remove(fired.Key);
        return fired.Message;
    }

    private TimerFired Next(object key, object message, bool repeated)
    {
        Cancel(key);
        return new TimerFired(this, key, message, ++_generation, repeated);
    }
}

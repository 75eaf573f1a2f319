using System.Diagnostics;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Keeps what is due later in a heap, and one thread that sleeps until the first of it.</summary>
/// <remarks>
/// An idle scheduler uses no processor time, a due entry waits about a millisecond at most, repeated work keeps to its
/// first instant plus multiples of its interval (a late run is not made up for twice). What is due runs on the
/// scheduler's thread, so it must be short: a send, or a few lines. May be used from any thread.
/// </remarks>
internal sealed class DedicatedThreadScheduler : IScheduler, IAdvancedScheduler, IDisposable
{
    private readonly ILoggingAdapter _log;
    private readonly object _gate = new();
    private readonly ScheduleHeap _heap = new();
    private readonly Thread _thread;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private bool _disposed;

    public DedicatedThreadScheduler(string systemName, ILoggingAdapter log)
    {
        _log = log;
        _thread = new Thread(Loop) { IsBackground = true, Name = systemName + "-scheduler" };
        _thread.Start();
    }

    public DateTimeOffset Now => DateTimeOffset.UtcNow;

    public TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(_startedAt);

    public TimeSpan HighResMonotonicClock => MonotonicClock;

    public IAdvancedScheduler Advanced => this;

    /// <summary>Runs <paramref name="what"/> after <paramref name="delay"/>.</summary>
    public void Add(IScheduled what, TimeSpan delay) => AddAt(what, Stopwatch.GetTimestamp() + Ticks(delay));

    /// <summary>Takes <paramref name="what"/> out, so that nothing of it is kept until it would have been due.</summary>
    public void Remove(IScheduled what)
    {
        lock (_gate)
        {
            if (what is ScheduleEntry entry)
                entry.Removed = true;
            _heap.Remove(what);
        }
    }

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(
        TimeSpan delay,
        ICanTell receiver,
        object message,
        IActorRef sender,
        ICancelable? cancelable
    ) => Schedule(new TellEntry(receiver, message, sender), delay, TimeSpan.Zero, cancelable);

    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef sender
    ) => ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef sender,
        ICancelable? cancelable
    ) => Schedule(new TellEntry(receiver, message, sender), initialDelay, Checked(interval), cancelable);

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Schedule(new ActionEntry(action), delay, TimeSpan.Zero, cancelable);

    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Schedule(new ActionEntry(action), initialDelay, Checked(interval), cancelable);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        ScheduleRepeatedly(initialDelay, interval, action, null);

    public void ScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        ScheduleOnce(delay, action.Run, cancelable);

    public void ScheduleOnce(TimeSpan delay, IRunnable action) => ScheduleOnce(delay, action.Run, null);

    public void ScheduleRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        IRunnable action,
        ICancelable? cancelable
    ) => ScheduleRepeatedly(initialDelay, interval, action.Run, cancelable);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action) =>
        ScheduleRepeatedly(initialDelay, interval, action.Run, null);

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            Monitor.Pulse(_gate);
        }

        // Something scheduled may itself end the system, from this very thread.
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private static TimeSpan Checked(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return interval;
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private void Schedule(ScheduleEntry entry, TimeSpan delay, TimeSpan interval, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (cancelable is { IsCancellationRequested: true })
            return;
        entry.Interval = Ticks(interval);
        entry.Cancelable = cancelable;
        (cancelable as ScheduleHandle)?.Bind(this, entry);
        entry.Due = Stopwatch.GetTimestamp() + Ticks(delay);
        AddAt(entry, entry.Due);
    }

    private void AddAt(IScheduled what, long due)
    {
        lock (_gate)
        {
            if (!_disposed && _heap.Add(what, due))
                Monitor.Pulse(_gate);
        }
    }

    private void Loop()
    {
        while (NextDue() is { } what)
        {
            var entry = what as ScheduleEntry;
            if (entry?.Cancelable is { IsCancellationRequested: true })
                continue;
            try
            {
                what.Run();
            }
            catch (Exception e)
            {
                // The others must not suffer from one that throws; neither is it repeated.
                _log.Error(e, "Scheduled work failed");
                continue;
            }

            if (entry is { Interval: > 0 })
                Repeat(entry);
        }
    }

    private void Repeat(ScheduleEntry entry)
    {
        lock (_gate)
        {
            if (_disposed || entry.Removed)
                return;
            var now = Stopwatch.GetTimestamp();
            entry.Due += entry.Interval;
            if (entry.Due < now)
                entry.Due += (now - entry.Due) / entry.Interval * entry.Interval;
            _heap.Add(entry, entry.Due);
        }
    }

    private IScheduled? NextDue()
    {
        lock (_gate)
        {
            while (!_disposed)
            {
                if (_heap.Sleep() is var due && due == long.MaxValue)
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                var left = due - Stopwatch.GetTimestamp();
                if (left <= 0)
                {
                    var first = _heap.First.What;
                    _heap.TakeFirst();
                    return first;
                }

                var milliseconds = (left * 1000 + Stopwatch.Frequency - 1) / Stopwatch.Frequency;
                Monitor.Wait(_gate, (int)Math.Min(milliseconds, int.MaxValue));
            }

            return null;
        }
    }

    private sealed class TellEntry(ICanTell receiver, object message, IActorRef sender) : ScheduleEntry
    {
        public override void Run() => receiver.Tell(message, sender);
    }

    private sealed class ActionEntry(Action action) : ScheduleEntry
    {
        public override void Run() => action();
    }
}

namespace Akka.Actor;

/// <summary>Something that is due at some instant.</summary>
internal interface IScheduled
{
    /// <summary>Where it stands in the heap; negative when it does not. The heap's to set, from the beginning.</summary>
    int Place { get; set; }

    void Run();
}

/// <summary>What is due again and again, or can be called off by its <see cref="Cancelable"/>.</summary>
internal abstract class ScheduleEntry : IScheduled
{
    public int Place { get; set; } = -1;

    /// <summary>When, in ticks of the stopwatch.</summary>
    public long Due { get; set; }

    /// <summary>How much later again, in ticks of the stopwatch; 0 for once.</summary>
    public long Interval { get; set; }

    /// <summary>Taken out by its owner, even while it ran.</summary>
    public bool Removed { get; set; }

    public ICancelable? Cancelable { get; set; }

    public abstract void Run();
}

/// <summary>What is due, by the order of instants; each knows its place, so that it can be taken out early.</summary>
/// <remarks>
/// What is added last is usually due last (asks with one common timeout), which costs one comparison here. One
/// thread at a time.
/// </remarks>
internal sealed class ScheduleHeap
{
    private (long Due, IScheduled What)[] _entries = new (long, IScheduled)[64];
    private int _count;
    private long _sleepsUntil;

    public bool IsEmpty => _count == 0;

    /// <summary>What is due first, and when; not to be asked of an empty heap.</summary>
    public (long Due, IScheduled What) First => _entries[0];

    /// <summary>Called by the thread that takes what is due, when it is about to wait for that.</summary>
    /// <returns>Until when; <see cref="long.MaxValue"/> when nothing will be due.</returns>
    public long Sleep() => _sleepsUntil = IsEmpty ? long.MaxValue : First.Due;

    /// <returns>
    /// Whether who sleeps must be woken: not when it will look soon enough anyway, although what it waits for may have been
    /// removed. Questions that are answered in time thus wake nobody.
    /// </returns>
    public bool Add(IScheduled what, long due)
    {
        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        MoveUp(_count++, (due, what));
        if (due >= _sleepsUntil)
            return false;
        _sleepsUntil = due;
        return true;
    }

    public void TakeFirst() => RemoveAt(0);

    public void Remove(IScheduled what)
    {
        if (what.Place >= 0)
            RemoveAt(what.Place);
    }

    private void RemoveAt(int place)
    {
        _entries[place].What.Place = -1;
        var last = _entries[--_count];
        _entries[_count] = default;
        if (place == _count)
            return;
        MoveDown(place, last);
        if (last.What.Place == place)
            MoveUp(place, last);
    }

    private void MoveUp(int place, (long Due, IScheduled What) entry)
    {
        while (place > 0)
        {
            var parent = (place - 1) >> 1;
            if (_entries[parent].Due <= entry.Due)
                break;
            Put(place, _entries[parent]);
            place = parent;
        }

        Put(place, entry);
    }

    private void MoveDown(int place, (long Due, IScheduled What) entry)
    {
        while (true)
        {
            var child = (place << 1) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _entries[child + 1].Due < _entries[child].Due)
                child++;
            if (_entries[child].Due >= entry.Due)
                break;
            Put(place, _entries[child]);
            place = child;
        }

        Put(place, entry);
    }

    private void Put(int place, (long Due, IScheduled What) entry)
    {
        _entries[place] = entry;
        entry.What.Place = place;
    }
}

/// <summary>Calls one scheduled entry off, by taking it out of the heap.</summary>
internal sealed class ScheduleHandle(IActionScheduler scheduler) : ICancelable
{
    private DedicatedThreadScheduler? _owner;
    private ScheduleEntry? _entry;
    private CancellationTokenSource? _source;
    private volatile bool _cancelled;

    public bool IsCancellationRequested => _cancelled;

    public CancellationToken Token
    {
        get
        {
            var source = Interlocked.CompareExchange(ref _source, new CancellationTokenSource(), null) ?? _source;
            if (_cancelled)
                source.Cancel();
            return source.Token;
        }
    }

    public void Bind(DedicatedThreadScheduler owner, ScheduleEntry entry) => (_owner, _entry) = (owner, entry);

    public void Cancel() => Cancel(throwOnFirstException: false);

    public void Cancel(bool throwOnFirstException)
    {
        _cancelled = true;
        if (_entry is { } entry)
            _owner!.Remove(entry);
        Volatile.Read(ref _source)?.Cancel(throwOnFirstException);
    }

    public void CancelAfter(TimeSpan delay) => scheduler.ScheduleOnce(delay, Cancel);

    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));
}

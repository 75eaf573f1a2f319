namespace Akka.Actor;

/// <summary>Something that is due at some instant.</summary>
internal abstract class ScheduleEntry
{
    /// <summary>Where it stands in the heap; negative when it does not.</summary>
    public int Index { get; set; } = -1;

    /// <summary>When, in ticks of the stopwatch.</summary>
    public long Due { get; set; }

    /// <summary>How much later again, in ticks of the stopwatch; 0 for once.</summary>
    public long Interval { get; set; }

    /// <summary>Taken out by its owner, even while it ran.</summary>
    public bool Removed { get; set; }

    public ICancelable? Cancelable { get; set; }

    public abstract void Run();
}

/// <summary>Entries by the order in which they are due; each knows its place, so that it can be taken out early.</summary>
/// <remarks>
/// What is added last is usually due last (asks with one common timeout), which costs one comparison here. One
/// thread at a time.
/// </remarks>
internal sealed class ScheduleHeap
{
    private ScheduleEntry[] _entries = new ScheduleEntry[64];
    private int _count;

    public ScheduleEntry? First => _count == 0 ? null : _entries[0];

    /// <returns>Whether the entry is now the first.</returns>
    public bool Add(ScheduleEntry entry)
    {
        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        MoveUp(_count++, entry);
        return entry.Index == 0;
    }

    public void TakeFirst() => RemoveAt(0);

    public void Remove(ScheduleEntry entry)
    {
        entry.Removed = true;
        if (entry.Index >= 0)
            RemoveAt(entry.Index);
    }

    private void RemoveAt(int index)
    {
        _entries[index].Index = -1;
        var last = _entries[--_count];
        _entries[_count] = null!;
        if (index == _count)
            return;
        MoveDown(index, last);
        if (last.Index == index)
            MoveUp(index, last);
    }

    private void MoveUp(int index, ScheduleEntry entry)
    {
        while (index > 0)
        {
            var parent = (index - 1) >> 1;
            if (_entries[parent].Due <= entry.Due)
                break;
            Put(index, _entries[parent]);
            index = parent;
        }

        Put(index, entry);
    }

    private void MoveDown(int index, ScheduleEntry entry)
    {
        while (true)
        {
            var child = (index << 1) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _entries[child + 1].Due < _entries[child].Due)
                child++;
            if (_entries[child].Due >= entry.Due)
                break;
            Put(index, _entries[child]);
            index = child;
        }

        Put(index, entry);
    }

    private void Put(int index, ScheduleEntry entry)
    {
        _entries[index] = entry;
        entry.Index = index;
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

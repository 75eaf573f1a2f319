namespace Akka.Dispatch;

/// <summary>Drained arrays of rings, for the next queue that grows: so many at most, and none for long.</summary>
/// <remarks>
/// What nobody has needed from one trim to the next is dropped, so that a process that has come to rest holds nothing. The
/// timer runs only while there is something to drop: it does not wake an idle process. May be used from any thread.
/// </remarks>
/// <param name="most">How many are kept at most.</param>
/// <param name="trimEvery">How long one may lie here unused: at most twice that.</param>
internal sealed class SpareArrays<T>(int most, TimeSpan trimEvery)
{
    private readonly Lock _lock = new();
    private readonly Stack<(T[] Array, long Begin)> _spares = new();
    private Timer? _timer;
    private bool _trimIsDue;
    private int _notNeeded;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _spares.Count;
        }
    }

    /// <param name="array">Nobody writes to it any more.</param>
    /// <param name="begin">What its next owner must know.</param>
    public void Keep(T[] array, long begin)
    {
        lock (_lock)
        {
            if (_spares.Count >= most)
                return;
            _spares.Push((array, begin));
            if (!_trimIsDue)
                TrimLater();
        }
    }

    public bool TryTake(out T[] array, out long begin)
    {
        lock (_lock)
        {
            var any = _spares.TryPop(out var spare);
            _notNeeded = Math.Min(_notNeeded, _spares.Count);
            (array, begin) = spare;
            return any;
        }
    }

    /// <summary>Drops what has not been needed since the last time.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            while (_notNeeded-- > 0)
                _spares.Pop();
            _notNeeded = _spares.Count;
            _trimIsDue = false;
            if (_spares.Count > 0)
                TrimLater();
            else
                _spares.TrimExcess();
        }
    }

    private void TrimLater()
    {
        _trimIsDue = true;
        _timer ??= CreateTimer();
        _timer.Change(trimEvery, Timeout.InfiniteTimeSpan);
    }

    /// <remarks>A timer lives as long as this does, and must not keep the context of whoever came first as long.</remarks>
    private Timer CreateTimer()
    {
        var flows = !ExecutionContext.IsFlowSuppressed();
        if (flows)
            ExecutionContext.SuppressFlow();
        try
        {
            return new Timer(static me => ((SpareArrays<T>)me!).Trim(), this, Timeout.Infinite, Timeout.Infinite);
        }
        finally
        {
            if (flows)
                ExecutionContext.RestoreFlow();
        }
    }
}

/// <summary>What all of them have in common.</summary>
internal static class SpareArrays
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);
}

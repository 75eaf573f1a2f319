namespace Failover.Client.Load;

/// <summary>The longest time in which no write at all was acknowledged: what a failover costs the clients.</summary>
/// <remarks>Any thread may report.</remarks>
internal sealed class WriteGap(long start, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _last = start;
    private TimeSpan _longest;

    public void Acknowledged(long at)
    {
        lock (_lock)
        {
            if (at <= _last)
                return;
            Widen(at);
            _last = at;
        }
    }

    /// <summary>The longest gap up to that instant, the one that is still open included.</summary>
    public TimeSpan LongestUntil(long now)
    {
        lock (_lock)
        {
            Widen(now);
            return _longest;
        }
    }

    private void Widen(long until)
    {
        var gap = time.GetElapsedTime(_last, until);
        if (gap > _longest)
            _longest = gap;
    }
}

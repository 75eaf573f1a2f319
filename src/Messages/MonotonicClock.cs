using Failover.Core;

namespace Failover.Messages;

/// <summary>A process's monotonic clock, as the core counts time. Any thread may read it.</summary>
public sealed class MonotonicClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public Instant Now => new(time.GetElapsedTime(_start));

    /// <summary>For people, and for guessing how old another process's decision is.</summary>
    public WallTime WallNow => new(time.GetUtcNow().ToUnixTimeMilliseconds());
}

namespace Failover.Core.Replication;

public sealed record ReplicaOptions
{
    public required ReplicaId Self { get; init; }

    public required PartitionId Partition { get; init; }

    /// <summary>Whether an entry counts as held only when the storage says so (<c>durability = disk</c>).</summary>
    public bool Durable { get; init; } = true;

    /// <summary>How long the primary waits for an in-sync replica before it proposes to go on without it (<c>failover.replication.replica-timeout</c>).</summary>
    /// <value>Default 500 ms. Shorter drops standbys for a pause; longer holds writes up when one dies unnoticed.</value>
    public TimeSpan ReplicaTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After how long an unanswered message is sent again.</summary>
    /// <value>Default 100 ms.</value>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many replicas must hold an entry at least, the primary among them (<c>failover.replication.min-in-sync</c>).</summary>
    /// <value>Default 1. With fewer in sync, writes are refused, and those admitted before wait for their answers.</value>
    public int MinInSync { get; init; } = 1;

    /// <summary>How long a switchover may take before it is called off.</summary>
    /// <value>Default 5 s.</value>
    public TimeSpan SwitchoverTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Entries per message at most.</summary>
    public int BatchEntries { get; init; } = 4_096;

    /// <summary>Bytes per message, roughly, unless a single entry is larger.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>Committed entries applied in one step at most.</summary>
    /// <value>Default 10,000, some ten milliseconds.</value>
    public int ApplyAtOnce { get; init; } = 10_000;

    /// <summary>Requests that may wait at the primary before more are refused.</summary>
    public int MaxWaiting { get; init; } = 100_000;

    /// <summary>Committed entries kept in memory for replicas that fall behind; older ones are replaced by the map itself.</summary>
    public int RetainedEntries { get; init; } = 50_000;

    /// <summary>The same limit in bytes.</summary>
    public long RetainedBytes { get; init; } = 64L << 20;

    /// <summary>Client sessions remembered; the least recently used one is forgotten, and its retries are refused.</summary>
    /// <remarks>
    /// Part of what the log means, and so no setting: two replicas that forget differently carry the same retry out
    /// differently, and hold different maps from then on.
    /// </remarks>
    public int SessionCapacity { get; init; } = 10_000;
}

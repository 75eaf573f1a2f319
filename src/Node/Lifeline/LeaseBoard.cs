using Failover.Core;

namespace Failover.Node.Lifeline;

/// <summary>
/// Until when this node holds the lease of each partition. The heartbeat writes it; whoever runs the replica reads it
/// before each step, and so knows of a renewal without being woken for it, and of a loss without waiting for a message.
/// </summary>
/// <remarks>One thread at a time writes a partition's lease, one at a time awaits it; any thread reads.</remarks>
internal sealed class LeaseBoard(int partitions)
{
    private static readonly Lease None = new(default, null);

    private readonly Slot[] _slots = [.. Enumerable.Range(0, partitions).Select(_ => new Slot())];

    /// <param name="Epoch">For which the voters granted it.</param>
    /// <param name="HeldUntil">Null when no majority grants it.</param>
    public sealed record Lease(Epoch Epoch, Instant? HeldUntil);

    private sealed class Slot
    {
        public Lease Lease = None;
        public int Awaited;
    }

    public Lease Of(PartitionId partition) => Volatile.Read(ref _slots[partition.Value].Lease);

    /// <summary>In force for every step of the replica that begins after this returned.</summary>
    /// <returns>Whether somebody waits for news of it, who must now be told to look.</returns>
    public bool Publish(PartitionId partition, Lease lease)
    {
        var slot = _slots[partition.Value];
        if (slot.Lease == lease)
            return false;
        // A full fence: either Await finds this lease, or this finds that somebody waits.
        Interlocked.Exchange(ref slot.Lease, lease);
        return Volatile.Read(ref slot.Awaited) != 0 && Interlocked.Exchange(ref slot.Awaited, 0) != 0;
    }

    /// <summary>The next lease that is published shall be told.</summary>
    /// <returns>False when there is another one than <paramref name="known"/> already.</returns>
    public bool Await(PartitionId partition, Lease known)
    {
        var slot = _slots[partition.Value];
        Interlocked.Exchange(ref slot.Awaited, 1);
        return ReferenceEquals(Volatile.Read(ref slot.Lease), known);
    }
}

/// <summary>There is news on the <see cref="LeaseBoard"/> for a replica that waits for it.</summary>
internal sealed record LeaseRenewed
{
    public static readonly LeaseRenewed Instance = new();
}

using System.Collections.Immutable;
using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>What replicas of one partition say to each other. Each message carries the epoch its sender acts in.</summary>
public abstract record ReplicaMessage(Epoch Epoch)
{
    /// <summary>The primary's entries behind <paramref name="Previous"/>; without entries, news of what is committed.</summary>
    /// <param name="Previous">The position before the first entry: the receiver must hold exactly it.</param>
    /// <param name="Commit">Sequence up to which everything is committed.</param>
    /// <param name="Confirm">An acknowledgement is wanted although there may be no entries.</param>
    public sealed record Replicate(
        Epoch Epoch,
        Position Previous,
        ImmutableArray<LogEntry> Entries,
        long Commit,
        bool Confirm = false
    ) : ReplicaMessage(Epoch)
    {
        public bool Equals(Replicate? other) =>
            other is not null
            && Epoch == other.Epoch
            && Previous == other.Previous
            && Commit == other.Commit
            && Confirm == other.Confirm
            && Entries.AsSpan().SequenceEqual(other.Entries.AsSpan());

        public override int GetHashCode() => HashCode.Combine(Epoch, Previous, Entries.Length, Commit);
    }

    /// <summary>The sender holds, durably, everything up to <paramref name="Through"/> as the primary of this epoch sent it.</summary>
    public sealed record Ack(Epoch Epoch, ReplicaId From, long Through) : ReplicaMessage(Epoch);

    /// <summary>A replica asks the primary to bring it up to date, and says what it has.</summary>
    /// <param name="Epochs">The epochs its log has seen; empty if it wants everything anew.</param>
    /// <param name="Last">Its last position.</param>
    public sealed record Attach(Epoch Epoch, ReplicaId From, ImmutableArray<EpochStart> Epochs, Position Last)
        : ReplicaMessage(Epoch)
    {
        public bool Equals(Attach? other) =>
            other is not null
            && Epoch == other.Epoch
            && From == other.From
            && Last == other.Last
            && Epochs.AsSpan().SequenceEqual(other.Epochs.AsSpan());

        public override int GetHashCode() => HashCode.Combine(Epoch, From, Last, Epochs.Length);
    }

    /// <summary>The sender knows a newer epoch than it was addressed in: the addressee must step down.</summary>
    public sealed record Fenced(Epoch Epoch, ReplicaId From) : ReplicaMessage(Epoch);

    /// <summary>One part of the primary's map, for a replica whose log shares too little with the primary's.</summary>
    /// <param name="At">The position that the whole snapshot stands for.</param>
    /// <param name="Index">Parts count from 0.</param>
    /// <param name="Final">The last part; it brings epochs and sessions along.</param>
    public sealed record SnapshotPart(
        Epoch Epoch,
        Position At,
        int Index,
        bool Final,
        ImmutableArray<KeyValuePair<string, StoredValue>> Entries,
        ImmutableArray<EpochStart> Epochs,
        ImmutableArray<SessionRecord> Sessions
    ) : ReplicaMessage(Epoch);

    /// <summary>A part arrived; send the next one.</summary>
    public sealed record SnapshotAck(Epoch Epoch, ReplicaId From, Position At, int Index) : ReplicaMessage(Epoch);
}

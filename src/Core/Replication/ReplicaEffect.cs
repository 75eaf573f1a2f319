using System.Collections.Immutable;
using Failover.Core.Store;
using Failover.Core.Views;

namespace Failover.Core.Replication;

/// <summary>What must now be done for a replica, in the order the effects were added.</summary>
public abstract record ReplicaEffect
{
    private ReplicaEffect() { }

    /// <summary>Write the entries behind what is stored; answer with <see cref="ReplicaInput.Persisted"/>.</summary>
    public sealed record Append(ImmutableArray<LogEntry> Entries) : ReplicaEffect
    {
        public bool Equals(Append? other) =>
            other is not null && Entries.AsSpan().SequenceEqual(other.Entries.AsSpan());

        public override int GetHashCode() => Entries.Length;
    }

    /// <summary>Cut the stored log behind this sequence, durably, before anything later is appended.</summary>
    public sealed record TruncateAfter(long Sequence) : ReplicaEffect;

    /// <summary>Replace everything stored by the snapshot; answer with <see cref="ReplicaInput.Persisted"/>.</summary>
    public sealed record Install(Snapshot Snapshot) : ReplicaEffect;

    public sealed record Send(NodeId To, ReplicaMessage Message) : ReplicaEffect;

    public sealed record Answer(RequestToken Token, RequestOutcome Outcome) : ReplicaEffect;

    /// <summary>Propose the change to the register; answer with <see cref="ReplicaInput.ProposalEnded"/>.</summary>
    public sealed record Propose(Change Change) : ReplicaEffect;

    /// <summary>Give <see cref="ReplicaInput.Flush"/> back behind whatever is queued already.</summary>
    public sealed record ScheduleFlush : ReplicaEffect
    {
        public static readonly ScheduleFlush Instance = new();
    }

    /// <summary>The role, or the epoch it is played in, is another one: tell the heartbeat at once.</summary>
    public sealed record Became(ReplicaRole Role, Epoch Epoch) : ReplicaEffect;

    /// <summary>Give the lease back to the voters: this replica serves no more in the epoch, unless it claims anew.</summary>
    public sealed record ReleaseLease(Epoch Epoch) : ReplicaEffect;

    /// <summary>The epoch's barrier is committed: this primary may acknowledge from now on.</summary>
    public sealed record Serving(Epoch Epoch, TimeSpan SincePromotion) : ReplicaEffect;

    /// <summary>Committed entries were given up, because an operator forced a primary that lacks them.</summary>
    public sealed record Lost(long Entries) : ReplicaEffect;

    /// <summary>Something an operator may want to read in the log.</summary>
    public sealed record Noted(string Message) : ReplicaEffect;
}

/// <summary>How a request ended at a replica.</summary>
public abstract record RequestOutcome
{
    private RequestOutcome() { }

    public sealed record Written(CommandResult Result, Epoch Epoch) : RequestOutcome;

    public sealed record ReadOne(StoredValue? Value) : RequestOutcome;

    public sealed record ReadMany(ImmutableDictionary<string, StoredValue> Entries) : RequestOutcome;

    public sealed record SwitchedOver(Epoch Epoch, NodeId Primary) : RequestOutcome;

    /// <summary>This replica is not, or no longer, a serving primary. A write may have been carried out or not: ask again under the same session.</summary>
    public sealed record NotPrimary : RequestOutcome
    {
        public static readonly NotPrimary Instance = new();
    }

    public sealed record Refused(RefusalKind Kind, string Reason) : RequestOutcome;
}

public enum RefusalKind
{
    Overloaded,
    NotEnoughReplicas,
    Conflict,
}

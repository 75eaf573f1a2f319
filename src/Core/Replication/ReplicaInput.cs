using System.Collections.Immutable;
using Failover.Core.Store;
using Failover.Core.Views;

namespace Failover.Core.Replication;

/// <summary>Names one request among those that wait at a replica.</summary>
public readonly record struct RequestToken(long Value);

/// <summary>What happened, as a replica is told.</summary>
public abstract record ReplicaInput
{
    private ReplicaInput() { }

    /// <summary>A majority of the voters told the formation's state for the first time since this process started.</summary>
    /// <param name="View">This partition's view; null when no formation exists yet.</param>
    public sealed record FormationRead(View? View, long Version) : ReplicaInput;

    /// <summary>A committed state was heard of.</summary>
    public sealed record ViewCommitted(View View, long Version) : ReplicaInput;

    public sealed record Write(RequestToken Token, Command Command, SessionStamp? Session) : ReplicaInput;

    /// <summary>Reads one key linearizably.</summary>
    public sealed record Read(RequestToken Token, string Key) : ReplicaInput;

    /// <summary>Reads the whole map linearizably.</summary>
    public sealed record ReadAll(RequestToken Token) : ReplicaInput;

    /// <summary>The marker this replica asked for: everything that was queued before it is one batch.</summary>
    public sealed record Flush : ReplicaInput
    {
        public static readonly Flush Instance = new();
    }

    public sealed record Received(NodeId From, ReplicaMessage Message) : ReplicaInput;

    /// <summary>The storage holds everything up to this position.</summary>
    public sealed record Persisted(Position Through) : ReplicaInput;

    /// <summary>The storage gave up; nothing it was given since is safe.</summary>
    public sealed record StorageFailed(string Reason) : ReplicaInput;

    /// <summary>Until when this node holds the lease of an epoch; null when it holds none.</summary>
    public sealed record LeaseChanged(Epoch Epoch, Instant? HeldUntil) : ReplicaInput;

    /// <summary>A change this replica proposed came to an end.</summary>
    public sealed record ProposalEnded(Change Change, ProposalOutcome Outcome) : ReplicaInput;

    /// <summary>The kernel of another node says that its process is gone.</summary>
    public sealed record ProcessGone(NodeId Node) : ReplicaInput;

    /// <summary>Hand the primary role over; <paramref name="To"/> null lets the primary choose.</summary>
    public sealed record Switchover(RequestToken Token, NodeId? To, string Reason) : ReplicaInput
    {
        /// <summary>What speaks for it, for the history.</summary>
        public ImmutableArray<string> Evidence { get; init; } = [];

        /// <summary>Nobody asked for it: it counts as a failover, which is carried out without haste.</summary>
        public bool IsAutomatic { get; init; }
    }

    public sealed record DeadlineReached : ReplicaInput
    {
        public static readonly DeadlineReached Instance = new();
    }
}

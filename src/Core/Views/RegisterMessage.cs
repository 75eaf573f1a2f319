namespace Failover.Core.Views;

/// <summary>What proposers and acceptors say to each other (CASPaxos, Rystsov 2018, §2.2).</summary>
public abstract record RegisterMessage
{
    private RegisterMessage() { }

    /// <summary>Asks for a promise to accept nothing older than <paramref name="Ballot"/>.</summary>
    public sealed record Prepare(Ballot Ballot) : RegisterMessage;

    /// <param name="Ballot">The promised ballot.</param>
    /// <param name="AcceptedAt">The ballot of the newest accepted state; <see cref="Ballot.None"/> if there is none.</param>
    /// <param name="Leases">What this acceptor would refuse to accept now, and for how long.</param>
    public sealed record Promise(
        Ballot Ballot,
        Ballot AcceptedAt,
        FormationState? State,
        IReadOnlyList<HeldLease> Leases
    ) : RegisterMessage
    {
        /// <summary>
        /// The acceptor has no memory, and may have had one: its promise binds it from now on and says nothing about before.
        /// </summary>
        public bool Forgetful { get; init; }
    }

    /// <summary>Asks to accept a state; null confirms that no formation exists yet.</summary>
    public sealed record Accept(Ballot Ballot, FormationState? State) : RegisterMessage;

    public sealed record Accepted(Ballot Ballot) : RegisterMessage;

    /// <summary>A newer ballot was promised meanwhile.</summary>
    public sealed record Conflict(Ballot Ballot, Ballot Promised) : RegisterMessage;

    /// <summary>The state deposes a primary that this acceptor still grants a lease: ask again then.</summary>
    public sealed record Leased(Ballot Ballot, TimeSpan RetryAfter, NodeId Holder) : RegisterMessage;
}

/// <summary>An acceptor's promise to a primary: no state with a later epoch of the partition for this long.</summary>
public readonly record struct HeldLease(PartitionId Partition, Epoch Epoch, NodeId Holder, TimeSpan Remaining);

using System.Collections.Immutable;

namespace Failover.Core.Views;

/// <summary>The one value in the view register: everything the formation has agreed on besides the data itself.</summary>
/// <param name="Formation">Chosen once, when the first state was committed.</param>
/// <param name="Version">Grows by one with every committed change.</param>
/// <param name="Voters">The nodes whose acceptors form majorities, ordered.</param>
/// <param name="Views">One view per partition.</param>
/// <param name="Paused">Automatic failover is switched off; nothing else is.</param>
/// <param name="Maintenance">Nodes that must not be made primary.</param>
/// <param name="History">The newest decisions, oldest first, at most <see cref="HistoryLimit"/>.</param>
public sealed record FormationState(
    FormationId Formation,
    long Version,
    ImmutableArray<NodeId> Voters,
    ImmutableSortedDictionary<PartitionId, View> Views,
    bool Paused,
    ImmutableSortedSet<NodeId> Maintenance,
    ImmutableArray<HistoryEvent> History
)
{
    /// <summary>How many decisions the state remembers: it is written whole on every change, so it must stay small.</summary>
    public const int HistoryLimit = 100;

    /// <summary>The voters before the change of voters that is under way; empty when there is none.</summary>
    public ImmutableArray<NodeId> Former { get; init; } = [];

    /// <summary>The version with which the newest change of the voters began; 0 before the first.</summary>
    public long VotersSince { get; init; }

    /// <summary>A primary that knows no version as new as this counts the wrong voters: it is granted no lease.</summary>
    public long LeasesNeed { get; init; }

    /// <summary>Whose majority decides.</summary>
    public Electorate Electorate => new(Voters, Former);

    public int Majority => MajorityOf(Voters.Length);

    public static int MajorityOf(int voters) => (voters / 2) + 1;

    /// <summary>The partition's view; null for a partition this formation does not have.</summary>
    public View? ViewOf(PartitionId partition) => Views.GetValueOrDefault(partition);

    internal FormationState Next(HistoryEvent what) =>
        this with
        {
            Version = Version + 1,
            History = History.Length < HistoryLimit ? History.Add(what) : History.RemoveAt(0).Add(what),
        };
}

/// <summary>One decision and why it was taken.</summary>
/// <param name="Version">The state's version that carried it out.</param>
/// <param name="At">The decider's wall clock, for people.</param>
/// <param name="By">The node whose proposal it was.</param>
/// <param name="Evidence">What was known when it was decided, a sentence each.</param>
public sealed record HistoryEvent(
    long Version,
    WallTime At,
    NodeId By,
    DecisionKind Kind,
    PartitionId? Partition,
    Epoch Epoch,
    NodeId? From,
    NodeId? To,
    string Reason,
    ImmutableArray<string> Evidence,
    PhaseTimes? Phases = null
);

/// <summary>How long the steps of a failover or switchover took, in milliseconds, each from the end of the one before.</summary>
/// <param name="Detected">From the last sign of life to the suspicion.</param>
/// <param name="Decided">From the suspicion, or the release of the lease, to the committed view.</param>
/// <param name="Promoted">From the committed view's arrival at the new primary to its barrier's commit.</param>
public sealed record PhaseTimes(double Detected, double Decided, double Promoted)
{
    /// <summary>
    /// Of a switchover, which begins with it instead of a detection: from the last request that was admitted until all that
    /// was is committed, and the target holds it.
    /// </summary>
    public double? Drained { get; init; }

    public double Total => (Drained ?? 0) + Detected + Decided + Promoted;
}

public enum DecisionKind
{
    Created,
    Failover,
    Switchover,
    Forced,
    InSyncAdded,
    InSyncRemoved,
    Paused,
    Resumed,
    MaintenanceEnabled,
    MaintenanceDisabled,
    VoterAdded,
    VoterRemoved,

    /// <summary>An operator forced it, and the replica that was promoted was in sync: nothing was lost, and nothing failed over by itself.</summary>
    ForcedInSync,
}

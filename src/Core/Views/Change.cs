using System.Collections.Immutable;
using System.Diagnostics;

namespace Failover.Core.Views;

/// <summary>
/// A guarded change of the formation state, as a value: the register may apply it to any later state than the
/// one its proposer saw, so each change names what must still be true.
/// </summary>
public abstract partial record Change
{
    private Change() { }

    /// <summary>What this change makes of <paramref name="current"/>; pure.</summary>
    /// <param name="current">Null before a formation exists.</param>
    /// <param name="signature">Goes into the history.</param>
    public ChangeResult ApplyTo(FormationState? current, Signature signature) =>
        (this, current) switch
        {
            (Confirm, _) => new ChangeResult.Unchanged(current),
            (Create create, null) => create.Initial(signature),
            (Create, _) => new ChangeResult.Refused("the formation exists already"),
            (_, null) => new ChangeResult.Refused("no formation exists yet"),
            (SetPaused change, { } state) => change.Apply(state, signature),
            (SetMaintenance change, { } state) => change.Apply(state, signature),
            (OfVoters change, { } state) => change.Apply(state, signature),
            (SettleVoters, { } state) => SettleVoters.Apply(state),
            (OfView change, { } state) => change.Apply(state, signature),
            (RecordPhases change, { } state) => change.Apply(state),
            _ => throw new UnreachableException($"Unhandled change: {this}"),
        };

    /// <summary>Changes nothing: a linearizable read of the register.</summary>
    public sealed record Confirm : Change;

    /// <summary>Founds the formation.</summary>
    /// <param name="Views">The first view of every partition, all in epoch 1.</param>
    public sealed record Create(
        FormationId Formation,
        ImmutableArray<NodeId> Voters,
        ImmutableSortedDictionary<PartitionId, View> Views
    ) : Change
    {
        internal ChangeResult Initial(Signature signature)
        {
            var empty = new FormationState(Formation, 0, Voters, Views, false, [], []);
            var first = Views.Count == 1 ? Views.Values.First().Primary.Node : (NodeId?)null;
            return new ChangeResult.Next(
                empty.Next(
                    new HistoryEvent(
                        1,
                        signature.At,
                        signature.By,
                        DecisionKind.Created,
                        null,
                        new Epoch(1),
                        null,
                        first,
                        "a new formation",
                        []
                    )
                )
            );
        }
    }

    /// <summary>A change of one partition's view, void if the view has moved to another epoch meanwhile.</summary>
    public abstract record OfView(PartitionId Partition, Epoch Epoch) : Change
    {
        internal ChangeResult Apply(FormationState state, Signature signature)
        {
            if (state.ViewOf(Partition) is not { } view)
                return new ChangeResult.Refused($"there is no partition {Partition}");
            if (IsIn(state, signature))
                return new ChangeResult.Unchanged(state);
            if (view.Epoch != Epoch)
                return new ChangeResult.Refused($"partition {Partition} is in epoch {view.Epoch}, not {Epoch}");
            return Apply(state, view, signature);
        }

        private protected abstract ChangeResult Apply(FormationState state, View view, Signature signature);

        /// <summary>Whether this very change is in the state already, by a round whose answers its proposer did not get.</summary>
        private protected virtual bool IsIn(FormationState state, Signature signature) => false;

        private protected ChangeResult Committed(
            FormationState state,
            View next,
            Signature signature,
            DecisionKind kind,
            NodeId? from,
            NodeId? to,
            string reason,
            ImmutableArray<string> evidence
        ) =>
            new ChangeResult.Next(
                (state with { Views = state.Views.SetItem(Partition, next) }).Next(
                    new HistoryEvent(
                        state.Version + 1,
                        signature.At,
                        signature.By,
                        kind,
                        Partition,
                        next.Epoch,
                        from,
                        to,
                        reason,
                        evidence
                    )
                )
            );
    }

    /// <summary>Makes another replica the primary, in the next epoch.</summary>
    /// <param name="Kind">
    /// Failover, switchover or one of the forced ones. Only <see cref="DecisionKind.Forced"/> may take a replica that is not in
    /// sync; an operator may take one in maintenance.
    /// </param>
    /// <param name="Lost">Replicas that leave the in-sync set with this step: the dead primary, and whoever else is known to be gone.</param>
    public sealed record Promote(
        PartitionId Partition,
        Epoch Epoch,
        ReplicaId Target,
        DecisionKind Kind,
        ImmutableArray<ReplicaId> Lost,
        string Reason,
        ImmutableArray<string> Evidence
    ) : OfView(Partition, Epoch)
    {
        private protected override ChangeResult Apply(FormationState state, View view, Signature signature)
        {
            // Decided by somebody who had not heard of the pause yet: whoever ordered it was told that it holds.
            if (state.Paused && Kind == DecisionKind.Failover)
                return new ChangeResult.Refused("automatic failover is paused");
            var inSync = view.Contains(Target);
            if (!inSync && Kind != DecisionKind.Forced)
                return new ChangeResult.Refused($"{Target} is not in sync");
            if (
                state.Maintenance.Contains(Target.Node)
                && Kind is not (DecisionKind.Forced or DecisionKind.ForcedInSync)
            )
                return new ChangeResult.Refused($"{Target.Node} is in maintenance");
            // A replica that was not in sync shares no history with the others: they must all join anew.
            var survivors = inSync ? view.InSync.Where(r => r == Target || !Lost.Contains(r)) : [Target];
            var next = new View(view.Epoch.Next, Target, [.. survivors]);
            return Committed(state, next, signature, Kind, view.Primary.Node, Target.Node, Reason, Evidence);
        }

        /// <summary>Whether the other one would have the same effect; what they say of their reasons does not matter.</summary>
        internal bool IsSameAs(Promote other) =>
            (Partition, Epoch, Target, Kind) == (other.Partition, other.Epoch, other.Target, other.Kind);

        private protected override bool IsIn(FormationState state, Signature signature)
        {
            foreach (var entry in state.History)
            {
                if (
                    (entry.Partition, entry.Epoch, entry.Kind) == (Partition, Epoch.Next, Kind)
                    && (entry.To, entry.At, entry.By) == (Target.Node, signature.At, signature.By)
                )
                    return true;
            }

            return false;
        }
    }

    /// <summary>The primary has a replica that holds all it acknowledged.</summary>
    public sealed record AddInSync(PartitionId Partition, Epoch Epoch, ReplicaId Replica) : OfView(Partition, Epoch)
    {
        private protected override ChangeResult Apply(FormationState state, View view, Signature signature) =>
            view.Contains(Replica)
                ? new ChangeResult.Unchanged(state)
                : Committed(
                    state,
                    view.With(Replica),
                    signature,
                    DecisionKind.InSyncAdded,
                    null,
                    Replica.Node,
                    $"{Replica.Node} has caught up",
                    []
                );
    }

    /// <summary>The primary stops waiting for a replica.</summary>
    public sealed record RemoveInSync(PartitionId Partition, Epoch Epoch, ReplicaId Replica, string Reason)
        : OfView(Partition, Epoch)
    {
        private protected override ChangeResult Apply(FormationState state, View view, Signature signature)
        {
            if (view.Primary == Replica)
                return new ChangeResult.Refused("a primary cannot leave its own in-sync set");
            return view.Contains(Replica)
                ? Committed(
                    state,
                    view.Without(Replica),
                    signature,
                    DecisionKind.InSyncRemoved,
                    Replica.Node,
                    null,
                    Reason,
                    []
                )
                : new ChangeResult.Unchanged(state);
        }
    }

    /// <summary>Switches automatic failover off or on.</summary>
    public sealed record SetPaused(bool Paused) : Change
    {
        internal ChangeResult Apply(FormationState state, Signature signature) =>
            state.Paused == Paused
                ? new ChangeResult.Unchanged(state)
                : new ChangeResult.Next(
                    (state with { Paused = Paused }).Next(
                        new HistoryEvent(
                            state.Version + 1,
                            signature.At,
                            signature.By,
                            Paused ? DecisionKind.Paused : DecisionKind.Resumed,
                            null,
                            Epoch.None,
                            null,
                            null,
                            "an operator asked for it",
                            []
                        )
                    )
                );
    }

    /// <summary>Takes a node out of the candidates for primary, or back in.</summary>
    public sealed record SetMaintenance(NodeId Node, bool Enabled) : Change
    {
        internal ChangeResult Apply(FormationState state, Signature signature) =>
            state.Maintenance.Contains(Node) == Enabled
                ? new ChangeResult.Unchanged(state)
                : new ChangeResult.Next(
                    (
                        state with
                        {
                            Maintenance = Enabled ? state.Maintenance.Add(Node) : state.Maintenance.Remove(Node),
                        }
                    ).Next(
                        new HistoryEvent(
                            state.Version + 1,
                            signature.At,
                            signature.By,
                            Enabled ? DecisionKind.MaintenanceEnabled : DecisionKind.MaintenanceDisabled,
                            null,
                            Epoch.None,
                            null,
                            Node,
                            "an operator asked for it",
                            []
                        )
                    )
                );
    }

    /// <summary>Adds to a promotion's history how long its steps took, once its first write could be acknowledged.</summary>
    public sealed record RecordPhases(PartitionId Partition, Epoch Epoch, PhaseTimes Phases) : Change
    {
        internal ChangeResult Apply(FormationState state)
        {
            for (var i = state.History.Length - 1; i >= 0; i--)
            {
                var entry = state.History[i];
                if (entry.Partition != Partition || entry.Epoch != Epoch || !IsPromotion(entry.Kind))
                    continue;
                return entry.Phases is not null
                    ? new ChangeResult.Unchanged(state)
                    : new ChangeResult.Next(
                        state with
                        {
                            Version = state.Version + 1,
                            History = state.History.SetItem(i, entry with { Phases = Phases }),
                        }
                    );
            }

            return new ChangeResult.Refused("that promotion is no longer in the history");
        }

        private static bool IsPromotion(DecisionKind kind) =>
            kind
                is DecisionKind.Failover
                    or DecisionKind.Switchover
                    or DecisionKind.Forced
                    or DecisionKind.ForcedInSync;
    }
}

/// <param name="At">The proposer's wall clock.</param>
/// <param name="By">The proposing node.</param>
public sealed record Signature(WallTime At, NodeId By);

/// <summary>What a change makes of a state.</summary>
public abstract record ChangeResult
{
    private ChangeResult() { }

    public sealed record Next(FormationState State) : ChangeResult;

    /// <summary>Nothing to do: the state is already so.</summary>
    public sealed record Unchanged(FormationState? State) : ChangeResult;

    public sealed record Refused(string Reason) : ChangeResult;
}

using System.Collections.Immutable;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

public sealed class ChangeTests
{
    private static readonly View FirstView = ViewOf(1, ReplicaA, ReplicaB);

    private static readonly Change.Create Founding = new(
        Formation,
        [A, B, C],
        ImmutableSortedDictionary<PartitionId, View>.Empty.Add(P0, FirstView)
    );

    [Fact]
    public void Founding_makes_the_first_version_and_remembers_it() =>
        Becomes(
            State(1, FirstView) with
            {
                History = [new(1, new(1_000), M, DecisionKind.Created, null, new(1), null, A, "a new formation", [])],
            },
            Founding.ApplyTo(null, SignedByM)
        );

    [Fact]
    public void Founding_names_no_first_primary_when_there_are_several_partitions()
    {
        var two = Founding with { Views = Founding.Views.Add(new(1), ViewOf(1, ReplicaB, ReplicaA)) };

        var next = Assert.IsType<ChangeResult.Next>(two.ApplyTo(null, SignedByM));

        Assert.Null(Assert.Single(next.State.History).To);
    }

    [Fact]
    public void A_formation_is_founded_only_once() =>
        Refuses("the formation exists already", Founding.ApplyTo(State(1, FirstView), SignedByM));

    [Fact]
    public void Nothing_but_founding_happens_before_a_formation_exists()
    {
        Refuses("no formation exists yet", new Change.SetPaused(true).ApplyTo(null, SignedByM));
        Refuses("no formation exists yet", new Change.SetMaintenance(A, true).ApplyTo(null, SignedByM));
        Refuses("no formation exists yet", new Change.AddInSync(P0, new(1), ReplicaB).ApplyTo(null, SignedByM));
        Refuses("no formation exists yet", new Change.RecordPhases(P0, new(1), new(1, 2, 3)).ApplyTo(null, SignedByM));
    }

    [Fact]
    public void A_confirmation_leaves_whatever_it_finds()
    {
        var state = State(4, FirstView);

        Spelled.Same(new ChangeResult.Unchanged(state), new Change.Confirm().ApplyTo(state, SignedByM));
        Spelled.Same(new ChangeResult.Unchanged(null), new Change.Confirm().ApplyTo(null, SignedByM));
    }

    [Theory]
    [InlineData(true, DecisionKind.Paused)]
    [InlineData(false, DecisionKind.Resumed)]
    public void Pausing_and_resuming_switch_automatic_failover_and_are_remembered(bool pause, DecisionKind kind)
    {
        var before = State(4, FirstView) with { Paused = !pause };

        Becomes(
            before with
            {
                Version = 5,
                Paused = pause,
                History = [Asked(5, kind, null)],
            },
            new Change.SetPaused(pause).ApplyTo(before, SignedByM)
        );
    }

    [Fact]
    public void Pausing_twice_changes_nothing()
    {
        var paused = State(4, FirstView) with { Paused = true };

        Spelled.Same(new ChangeResult.Unchanged(paused), new Change.SetPaused(true).ApplyTo(paused, SignedByM));
    }

    [Fact]
    public void Maintenance_takes_a_node_out_and_lets_it_back_in()
    {
        var before = State(4, FirstView);
        var within = before with
        {
            Version = 5,
            Maintenance = [B],
            History = [Asked(5, DecisionKind.MaintenanceEnabled, B)],
        };

        Becomes(within, new Change.SetMaintenance(B, true).ApplyTo(before, SignedByM));
        Becomes(
            within with
            {
                Version = 6,
                Maintenance = [],
                History = [.. within.History, Asked(6, DecisionKind.MaintenanceDisabled, B)],
            },
            new Change.SetMaintenance(B, false).ApplyTo(within, SignedByM)
        );
    }

    [Fact]
    public void Maintenance_that_is_so_already_changes_nothing()
    {
        var state = State(4, FirstView);

        Spelled.Same(new ChangeResult.Unchanged(state), new Change.SetMaintenance(B, false).ApplyTo(state, SignedByM));
    }

    [Fact]
    public void History_forgets_the_oldest_decision_beyond_its_limit()
    {
        var state = State(0, FirstView);
        for (var i = 0; i < FormationState.HistoryLimit + 3; i++)
            state = Assert
                .IsType<ChangeResult.Next>(new Change.SetPaused(!state.Paused).ApplyTo(state, SignedByM))
                .State;

        Assert.Equal(FormationState.HistoryLimit, state.History.Length);
        Assert.Equal(4, state.History[0].Version);
        Assert.Equal(103, state.History[^1].Version);
    }

    [Fact]
    public void Phases_are_added_to_the_promotion_they_measure_and_to_no_other()
    {
        HistoryEvent promotion = new(4, new(1), M, DecisionKind.Failover, P0, new(2), A, B, "dead", []);
        HistoryEvent joined = new(5, new(2), B, DecisionKind.InSyncAdded, P0, new(2), null, C, "caught up", []);
        var state = State(5, ViewOf(2, ReplicaB, ReplicaC)) with { History = [promotion, joined] };
        var phases = new PhaseTimes(200, 3, 7);

        Becomes(
            state with
            {
                Version = 6,
                History = [promotion with { Phases = phases }, joined],
            },
            new Change.RecordPhases(P0, new(2), phases).ApplyTo(state, SignedByM)
        );
    }

    [Fact]
    public void Phases_are_recorded_once()
    {
        HistoryEvent measured = new(4, new(1), M, DecisionKind.Forced, P0, new(2), A, B, "", [], new(1, 2, 3));
        var state = State(4, ViewOf(2, ReplicaB)) with { History = [measured] };

        Spelled.Same(
            new ChangeResult.Unchanged(state),
            new Change.RecordPhases(P0, new(2), new(9, 9, 9)).ApplyTo(state, SignedByM)
        );
    }

    [Fact]
    public void Phases_of_a_forgotten_promotion_are_refused() =>
        Refuses(
            "that promotion is no longer in the history",
            new Change.RecordPhases(P0, new(1), new(1, 2, 3)).ApplyTo(State(9, FirstView), SignedByM)
        );

    private static HistoryEvent Asked(long version, DecisionKind kind, NodeId? to) =>
        new(version, new(1_000), M, kind, null, Epoch.None, null, to, "an operator asked for it", []);

    private static void Becomes(FormationState expected, ChangeResult actual) =>
        Spelled.Same(new ChangeResult.Next(expected), actual);

    private static void Refuses(string reason, ChangeResult actual) =>
        Spelled.Same(new ChangeResult.Refused(reason), actual);
}

using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

public sealed class ChangeOfViewTests
{
    private static readonly FormationState Before = State(7, ViewOf(3, ReplicaA, ReplicaB, ReplicaC));

    private static readonly Change.Promote ToB = new(
        P0,
        new(3),
        ReplicaB,
        DecisionKind.Failover,
        [ReplicaA],
        "a is silent",
        ["φ 9"]
    );

    [Fact]
    public void A_promotion_opens_the_next_epoch_without_the_lost_and_keeps_its_evidence() =>
        Becomes(
            State(8, ViewOf(4, ReplicaB, ReplicaC)) with
            {
                History = [new(8, new(1_000), M, DecisionKind.Failover, P0, new(4), A, B, "a is silent", ["φ 9"])],
            },
            ToB
        );

    [Fact]
    public void A_promotion_keeps_everybody_who_is_not_lost() =>
        Becomes(ViewOf(4, ReplicaB, ReplicaA, ReplicaC), ToB with { Kind = DecisionKind.Switchover, Lost = [] });

    [Fact]
    public void The_promoted_replica_is_in_its_own_in_sync_set_even_if_called_lost() =>
        Becomes(ViewOf(4, ReplicaB), ToB with { Lost = [ReplicaA, ReplicaB, ReplicaC] });

    [Theory]
    [InlineData(DecisionKind.Failover)]
    [InlineData(DecisionKind.Switchover)]
    [InlineData(DecisionKind.ForcedInSync)]
    public void Only_force_promotes_a_replica_that_is_not_in_sync(DecisionKind kind) =>
        Refuses($"{NewReplicaB} is not in sync", ToB with { Target = NewReplicaB, Kind = kind });

    [Fact]
    public void A_forced_replica_that_was_not_in_sync_is_alone_since_the_others_hold_another_history() =>
        Becomes(ViewOf(4, NewReplicaB), ToB with { Target = NewReplicaB, Kind = DecisionKind.Forced });

    [Fact]
    public void A_forced_replica_that_is_in_sync_keeps_the_others() =>
        Becomes(ViewOf(4, ReplicaB, ReplicaC), ToB with { Kind = DecisionKind.Forced });

    [Fact]
    public void Only_force_promotes_a_node_in_maintenance()
    {
        var inMaintenance = Before with { Maintenance = [B] };

        Spelled.Same(new ChangeResult.Refused("b is in maintenance"), ToB.ApplyTo(inMaintenance, SignedByM));
        Assert.IsType<ChangeResult.Next>((ToB with { Kind = DecisionKind.Forced }).ApplyTo(inMaintenance, SignedByM));
        Assert.IsType<ChangeResult.Next>(
            (ToB with { Kind = DecisionKind.ForcedInSync }).ApplyTo(inMaintenance, SignedByM)
        );
    }

    [Theory]
    [InlineData(DecisionKind.Switchover)]
    [InlineData(DecisionKind.Forced)]
    [InlineData(DecisionKind.ForcedInSync)]
    public void A_pause_voids_failovers_that_were_decided_before_it_was_heard_of_and_nothing_else(DecisionKind kind)
    {
        var paused = Before with { Paused = true };

        Spelled.Same(
            new ChangeResult.Refused("automatic failover is paused"),
            (ToB with { Kind = DecisionKind.Failover }).ApplyTo(paused, SignedByM)
        );
        Assert.IsType<ChangeResult.Next>((ToB with { Kind = kind }).ApplyTo(paused, SignedByM));
    }

    [Fact]
    public void A_change_of_a_view_that_moved_on_is_void()
    {
        Refuses("partition 0 is in epoch 3, not 2", ToB with { Epoch = new(2) });
        Refuses("partition 0 is in epoch 3, not 4", new Change.AddInSync(P0, new(4), ReplicaB));
        Refuses("partition 0 is in epoch 3, not 2", new Change.RemoveInSync(P0, new(2), ReplicaB, "silent"));
    }

    [Fact]
    public void A_promotion_that_has_happened_is_recognised_by_its_signature()
    {
        var after = Assert.IsType<ChangeResult.Next>(ToB.ApplyTo(Before, SignedByM)).State;

        Spelled.Same(new ChangeResult.Unchanged(after), ToB.ApplyTo(after, SignedByM));
        Spelled.Same(
            new ChangeResult.Refused("partition 0 is in epoch 4, not 3"),
            ToB.ApplyTo(after, SignedByM with { By = C })
        );
    }

    [Fact]
    public void A_change_of_an_unknown_partition_is_refused() =>
        Refuses("there is no partition 9", ToB with { Partition = new(9) });

    [Fact]
    public void A_change_of_one_partition_leaves_the_others_alone()
    {
        var two = State(7, ViewOf(3, ReplicaA, ReplicaB), ViewOf(5, ReplicaB, ReplicaA));

        var next = Assert.IsType<ChangeResult.Next>(ToB.ApplyTo(two, SignedByM)).State;

        Assert.Equal(ViewOf(4, ReplicaB), next.ViewOf(P0));
        Assert.Equal(ViewOf(5, ReplicaB, ReplicaA), next.ViewOf(new(1)));
    }

    [Fact]
    public void A_caught_up_replica_joins_the_in_sync_set_in_the_same_epoch()
    {
        var alone = State(7, ViewOf(3, ReplicaA));

        Spelled.Same(
            new ChangeResult.Next(
                State(8, ViewOf(3, ReplicaA, ReplicaB)) with
                {
                    History =
                    [
                        new(8, new(1_000), M, DecisionKind.InSyncAdded, P0, new(3), null, B, "b has caught up", []),
                    ],
                }
            ),
            new Change.AddInSync(P0, new(3), ReplicaB).ApplyTo(alone, SignedByM)
        );
    }

    [Fact]
    public void A_nodes_new_data_takes_its_old_datas_place() =>
        Becomes(ViewOf(3, ReplicaA, NewReplicaB, ReplicaC), new Change.AddInSync(P0, new(3), NewReplicaB));

    [Fact]
    public void Adding_a_replica_that_is_in_sync_changes_nothing() =>
        Unchanged(new Change.AddInSync(P0, new(3), ReplicaB));

    [Fact]
    public void A_removed_replica_leaves_with_the_reason_remembered() =>
        Becomes(
            State(8, ViewOf(3, ReplicaA, ReplicaC)) with
            {
                History = [new(8, new(1_000), M, DecisionKind.InSyncRemoved, P0, new(3), B, null, "silent", [])],
            },
            new Change.RemoveInSync(P0, new(3), ReplicaB, "silent")
        );

    [Fact]
    public void Removing_a_replica_that_is_not_in_sync_changes_nothing() =>
        Unchanged(new Change.RemoveInSync(P0, new(3), NewReplicaB, "silent"));

    [Fact]
    public void A_primary_cannot_leave_its_own_in_sync_set() =>
        Refuses("a primary cannot leave its own in-sync set", new Change.RemoveInSync(P0, new(3), ReplicaA, "silent"));

    private static void Becomes(FormationState expected, Change change) =>
        Spelled.Same(new ChangeResult.Next(expected), change.ApplyTo(Before, SignedByM));

    private static void Becomes(View expected, Change change) =>
        Assert.Equal(expected, Assert.IsType<ChangeResult.Next>(change.ApplyTo(Before, SignedByM)).State.ViewOf(P0));

    private static void Unchanged(Change change) =>
        Spelled.Same(new ChangeResult.Unchanged(Before), change.ApplyTo(Before, SignedByM));

    private static void Refuses(string reason, Change change) =>
        Spelled.Same(new ChangeResult.Refused(reason), change.ApplyTo(Before, SignedByM));
}

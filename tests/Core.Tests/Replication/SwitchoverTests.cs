using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>Drain, let the target catch up, give the lease back, ask the register.</summary>
public sealed class SwitchoverTests : ReplicaStories
{
    private static readonly Change.Promote ToB = new(
        P0,
        new(1),
        ReplicaB,
        DecisionKind.Switchover,
        [],
        "an operator asked for it",
        []
    );

    private static ReplicaEffect Released => new ReplicaEffect.ReleaseLease(new(1));

    [Fact]
    public void With_nothing_under_way_the_lease_is_released_and_the_promotion_proposed_at_once()
    {
        GivenPrimary(ReplicaB);

        Spelled.Equal([Became(ReplicaRole.Draining, 1), Released, Propose(ToB)], SwitchesOver(9));
    }

    [Fact]
    public void One_that_nobody_asked_for_is_a_failover_with_its_evidence()
    {
        GivenPrimary(ReplicaB);
        var automatic = new ReplicaInput.Switchover(new(9), B, "a is unhealthy")
        {
            Evidence = ["exit 1"],
            IsAutomatic = true,
        };
        var change = ToB with { Kind = DecisionKind.Failover, Reason = "a is unhealthy", Evidence = ["exit 1"] };

        Spelled.Equal([Became(ReplicaRole.Draining, 1), Released, Propose(change)], Step(automatic));
    }

    [Fact]
    public void What_was_admitted_is_finished_first_and_what_comes_later_waits()
    {
        GivenPrimary(ReplicaB);
        Writes(7);

        Spelled.Equal(
            [Append(Put(1, 2)), Send(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1)), Became(ReplicaRole.Draining, 1)],
            SwitchesOver(9)
        );
        Spelled.Equal([], Writes(8));
        Spelled.Equal([], ReadsKey(10));
        Persisted(1, 2);

        Spelled.Equal([Created(7, 2), Send(B, News(1, Pos(1, 2), 2)), Released, Propose(ToB)], Acks(ReplicaB, 2));
    }

    [Fact]
    public void When_the_primarys_own_disk_is_the_last_the_hand_over_goes_on_from_there()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        SwitchesOver(9);
        Acks(ReplicaB, 2);

        Spelled.Equal([Created(7, 2), Send(B, News(1, Pos(1, 2), 2)), Released, Propose(ToB)], Persisted(1, 2));
    }

    [Fact]
    public void Waiting_requests_are_sent_on_and_the_operator_is_told_when_the_view_arrives()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);
        Writes(8);
        Spelled.Equal([], Ended(ToB, Done));

        Spelled.Equal(
            [
                NotPrimary(8),
                Answer(9, new RequestOutcome.SwitchedOver(new(2), B)),
                Became(ReplicaRole.Standby, 2),
                AttachTo(B, 2, Pos(1, 1), Starts(1, 1)),
            ],
            Sees(ViewOf(2, ReplicaB, ReplicaA))
        );
    }

    [Fact]
    public void How_long_each_step_took_is_recorded_when_the_new_primary_has_committed_its_barrier()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        SwitchesOver(9);
        Persisted(1, 2);
        Now += Ms(3);
        Acks(ReplicaB, 2);
        Now += Ms(5);
        Sees(ViewOf(2, ReplicaB, ReplicaA));
        Spelled.Equal([], Proposals(Receives(B, Replicate(2, Pos(1, 2), [Barrier(2, 3)], 2))));
        Persisted(2, 3);
        Now += Ms(7);

        Spelled.Equal(
            [Propose(new Change.RecordPhases(P0, new(2), new PhaseTimes(0, 5, 7) { Drained = 3 }))],
            Proposals(Receives(B, Replicate(2, Pos(2, 3), [], 3)))
        );
        Spelled.Equal([], Proposals(Receives(B, Replicate(2, Pos(2, 3), [], 3))));
    }

    [Fact]
    public void A_switchover_whose_view_comes_after_the_new_primarys_first_message_is_measured_too()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);
        Receives(B, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1));
        Now += Ms(5);
        Sees(ViewOf(2, ReplicaB, ReplicaA));

        Spelled.Equal(
            [Propose(new Change.RecordPhases(P0, new(2), new PhaseTimes(0, 5, 0) { Drained = 0 }))],
            Proposals(Receives(B, Replicate(2, Pos(2, 2), [], 2)))
        );
    }

    [Fact]
    public void What_somebody_else_decided_is_not_measured()
    {
        GivenPrimary(ReplicaB, ReplicaC);
        SwitchesOver(9, B);
        Sees(ViewOf(2, ReplicaC, ReplicaA, ReplicaB));

        Spelled.Equal([], Proposals(Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 2))));
    }

    private static IEnumerable<ReplicaEffect> Proposals(IEnumerable<ReplicaEffect> effects) =>
        effects.OfType<ReplicaEffect.Propose>();

    [Fact]
    public void The_standby_with_the_most_is_chosen_when_none_is_named()
    {
        GivenPrimary(ReplicaB, ReplicaC);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Acks(ReplicaC, 2);
        SwitchesOver(9);

        Spelled.Equal([Propose(ToB with { Target = ReplicaC })], Acks(ReplicaB, 2).OfType<ReplicaEffect.Propose>());
    }

    [Fact]
    public void The_named_standby_is_the_target()
    {
        GivenPrimary(ReplicaB, ReplicaC);

        Spelled.Equal(
            [Became(ReplicaRole.Draining, 1), Released, Propose(ToB with { Target = ReplicaC })],
            SwitchesOver(9, C)
        );
    }

    [Fact]
    public void Impossible_targets_are_refused_before_anything_changes()
    {
        GivenPrimary(ReplicaB);

        Spelled.Equal([Conflicts("a is the primary already")], SwitchesOver(9, A));
        Spelled.Equal([Conflicts("c is not in sync")], SwitchesOver(9, C));
        Assert.Equal(ReplicaRole.Primary, Replica.Role);
    }

    [Fact]
    public void Without_a_standby_there_is_nobody_to_hand_over_to()
    {
        GivenPrimary();

        Spelled.Equal([Conflicts("no standby is in sync")], SwitchesOver(9));
    }

    [Fact]
    public void A_standby_being_removed_is_no_target()
    {
        GivenPrimary(ReplicaB);
        Step(new ReplicaInput.ProcessGone(B));

        Spelled.Equal([Conflicts("b is not in sync")], SwitchesOver(9, B));
    }

    [Fact]
    public void One_hand_over_at_a_time()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);

        Spelled.Equal([Conflicts("the primary is already changing", 10)], SwitchesOver(10));
    }

    [Fact]
    public void A_primary_that_does_not_serve_yet_is_to_be_asked_again_rather_than_refused()
    {
        GivenPromoting();

        Spelled.Equal([NotPrimary(9)], SwitchesOver(9));
    }

    [Fact]
    public void After_the_release_nothing_is_answered_whatever_voters_had_granted()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Holds(lease: null);
        Persisted(1, 2);
        Acks(ReplicaB, 2);
        SwitchesOver(9);

        Spelled.Equal([], Holds(lease: 300));

        Ended(ToB, new ProposalOutcome.Refused("b is in maintenance"));
        Spelled.Equal([], ReadsKey(10));
        Spelled.Equal([Created(7, 2), Found(10, 2)], Holds(lease: 300));
    }

    [Fact]
    public void A_target_that_does_not_catch_up_in_time_calls_it_off_and_the_waiting_are_served()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        SwitchesOver(9);
        Writes(8);
        ReadsKey(10);
        var timesOut = Now + Ms(5_000);
        while (Now < timesOut)
        {
            Now += Ms(100);
            if (Now < timesOut)
                Acks(ReplicaB, 1);
        }

        Holds(lease: 300);

        Spelled.Equal(
            [
                Conflicts("the switchover was called off: b did not catch up within 5 s"),
                Became(ReplicaRole.Primary, 1),
                ScheduleFlush,
                NotFound(10),
            ],
            After(0).Where(e => e is not ReplicaEffect.Send)
        );
    }

    [Fact]
    public void A_target_that_falls_out_of_sync_calls_it_off()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        SwitchesOver(9);
        Persisted(1, 2);

        Spelled.Equal(
            [
                Created(7, 2),
                Conflicts("the switchover was called off: b fell out of sync"),
                Became(ReplicaRole.Primary, 1),
            ],
            Sees(ViewOf(1, ReplicaA))
        );
    }

    [Fact]
    public void A_refused_promotion_calls_it_off_and_the_lease_must_be_claimed_anew()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);
        Writes(8);

        Spelled.Equal(
            [
                Conflicts("the switchover was called off: b is in maintenance"),
                Became(ReplicaRole.Primary, 1),
                ScheduleFlush,
            ],
            Ended(ToB, new ProposalOutcome.Refused("b is in maintenance"))
        );
        Spelled.Equal([], ReadsKey(10));
        Spelled.Equal([NotFound(10)], Holds(lease: 300));
    }

    [Fact]
    public void A_promotion_nobody_knows_the_end_of_is_called_off_and_may_come_all_the_same()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);

        Spelled.Equal(
            [Conflicts("the switchover was called off: no majority"), Became(ReplicaRole.Primary, 1)],
            Ended(ToB, new ProposalOutcome.Unknown("no majority"))
        );
        Spelled.Equal(
            [Became(ReplicaRole.Standby, 2), AttachTo(B, 2, Pos(1, 1), Starts(1, 1))],
            Sees(ViewOf(2, ReplicaB, ReplicaA))
        );
    }

    [Fact]
    public void Another_change_of_primary_that_came_first_is_told_as_such()
    {
        GivenPrimary(ReplicaB, ReplicaC);
        SwitchesOver(9, B);

        Spelled.Equal(
            [
                Conflicts("another change of primary came first"),
                Became(ReplicaRole.Joining, 2),
                AttachTo(C, 2, Pos(1, 1), Starts(1, 1)),
            ],
            Sees(ViewOf(2, ReplicaC))
        );
    }

    [Fact]
    public void The_new_primarys_word_may_come_before_the_view_and_the_operator_is_told_when_that_arrives()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);

        Spelled.Equal([Became(ReplicaRole.Joining, 1)], Receives(B, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1)));
        Assert.Equal(
            [Answer(9, new RequestOutcome.SwitchedOver(new(2), B)), Became(ReplicaRole.Standby, 2)],
            Sees(ViewOf(2, ReplicaB, ReplicaA)).Take(2)
        );
    }

    [Fact]
    public void A_hand_over_that_was_fenced_on_its_way_is_not_called_off_by_its_refusal()
    {
        GivenPrimary(ReplicaB, ReplicaC);
        SwitchesOver(9, B);
        Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1));

        Spelled.Equal([], Ended(ToB, new ProposalOutcome.Refused("partition 0 is in epoch 2, not 1")));

        Assert.Contains(Conflicts("another change of primary came first"), Sees(ViewOf(2, ReplicaC)));
    }

    [Fact]
    public void Who_is_fenced_before_it_has_handed_over_says_so_at_once()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        SwitchesOver(9);

        Spelled.Equal(
            [
                Noted("fenced by epoch 2: no longer primary"),
                Conflicts("the switchover was called off: fenced by epoch 2"),
                NotPrimary(7),
                Became(ReplicaRole.Joining, 1),
            ],
            Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1))
        );
    }

    [Fact]
    public void Who_gives_up_its_role_in_a_hand_over_says_so()
    {
        GivenPrimary(ReplicaB);
        SwitchesOver(9);

        Assert.Contains(
            Conflicts("the switchover was called off: I/O error"),
            Step(new ReplicaInput.StorageFailed("I/O error"))
        );
    }

    private static ReplicaEffect Conflicts(string reason, long token = 9) =>
        Refused(token, RefusalKind.Conflict, reason);
}

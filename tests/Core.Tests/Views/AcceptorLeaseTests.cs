using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>An acceptor guards the leases it granted: 300 ms to the holder are 330 ms to the voter.</summary>
public sealed class AcceptorLeaseTests : AcceptorStories
{
    public AcceptorLeaseTests() => GivenAccepted(OfA);

    [Fact]
    public void A_claim_is_answered_with_the_senders_own_instant() =>
        Spelled.Equal(
            [new AcceptorEffect.AnswerClaims(A, At(777), [new LeaseAnswer(P0, new(1), true)])],
            Step(new AcceptorInput.Claimed(A, FirstRun, 0, At(777), [new LeaseClaim(P0, new(1), false)]))
        );

    [Fact]
    public void A_heartbeat_without_claims_needs_no_answer() =>
        Spelled.Equal([], Step(new AcceptorInput.Claimed(C, FirstRun, 0, At(777), [])));

    [Fact]
    public void A_granted_lease_refuses_the_deposing_state_until_it_runs_out()
    {
        Claim(A, FirstRun, 1);

        Now += Ms(100);
        Spelled.Equal([Leased(2, 230, A)], Accept(2, OfB));
        Spelled.Same(OfA, Kept.State);

        Now += Ms(230);
        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void Each_renewal_starts_the_lease_anew()
    {
        Claim(A, FirstRun, 1);
        Now += Ms(300);
        Claim(A, FirstRun, 1);

        Now += Ms(300);

        Spelled.Equal([Leased(2, 30, A)], Accept(2, OfB));
    }

    [Fact]
    public void A_promise_tells_which_leases_stand_in_the_way()
    {
        Claim(A, FirstRun, 1);

        Now += Ms(30);

        Spelled.Equal(
            [
                Persist(Round(2), Round(1), OfA),
                Tell(new RegisterMessage.Promise(Round(2), Round(1), OfA, [new HeldLease(P0, new(1), A, Ms(300))])),
            ],
            Ask(new RegisterMessage.Prepare(Round(2)))
        );
    }

    [Fact]
    public void A_lease_that_is_given_back_renews_the_promise_that_told_of_it()
    {
        Claim(A, FirstRun, 1);
        Ask(new RegisterMessage.Prepare(Round(2)));

        Spelled.Equal(
            [
                new AcceptorEffect.AnswerClaims(A, At(10_777), [new LeaseAnswer(P0, new(1), false)]),
                Tell(new RegisterMessage.Promise(Round(2), Round(1), OfA, [])),
            ],
            Step(new AcceptorInput.Claimed(A, FirstRun, 0, At(10_777), [new LeaseClaim(P0, new(1), true)]))
        );

        // Given back once, it is gone; and a promise that was used is waited for by nobody.
        Assert.False(Claim(A, FirstRun, 1, released: true));
        Claim(A, FirstRun, 1);
        Accept(3, OfA);
        Assert.False(Claim(A, FirstRun, 1, released: true));
    }

    [Fact]
    public void A_death_renews_the_promise_with_what_is_left_of_the_lease()
    {
        Claim(A, FirstRun, 1);
        Ask(new RegisterMessage.Prepare(Round(2)));
        Now += Ms(30);

        Spelled.Equal(
            [Tell(new RegisterMessage.Promise(Round(2), Round(1), OfA, [new HeldLease(P0, new(1), A, Ms(70))]))],
            Step(new AcceptorInput.ProcessGone(A, FirstRun))
        );
        Spelled.Equal([], Step(new AcceptorInput.ProcessGone(A, FirstRun)));
    }

    [Fact]
    public void A_lease_does_not_refuse_changes_that_keep_the_primary()
    {
        Claim(A, FirstRun, 1);

        Spelled.Equal(
            [Tell(new RegisterMessage.Accepted(Round(2)))],
            Accept(2, OfA with { Version = 2, Paused = true }).Skip(1)
        );
    }

    [Fact]
    public void A_lease_on_one_partition_does_not_guard_another()
    {
        Claim(A, FirstRun, 1);
        var otherPartitionMoves = State(2, ViewOf(1, ReplicaA, ReplicaB), ViewOf(2, ReplicaB));

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, otherPartitionMoves).Skip(1));
    }

    [Fact]
    public void A_released_lease_guards_nothing()
    {
        Claim(A, FirstRun, 1);

        Assert.False(Claim(A, FirstRun, 1, released: true));

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_release_that_was_overtaken_by_a_later_claim_releases_nothing()
    {
        GivenAccepted(OfA);
        Claim(A, FirstRun, 1, sentAt: 100);
        Assert.True(Claim(A, FirstRun, 1, sentAt: 300));

        Assert.False(Claim(A, FirstRun, 1, released: true, sentAt: 200));

        Spelled.Equal([Leased(2, 330, A)], Accept(2, OfB));
    }

    [Fact]
    public void A_claim_that_was_overtaken_by_its_release_grants_nothing()
    {
        GivenAccepted(OfA);
        Claim(A, FirstRun, 1, released: true, sentAt: 200);

        Assert.False(Claim(A, FirstRun, 1, sentAt: 100));
        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void What_is_claimed_after_a_release_is_granted_and_can_be_released()
    {
        GivenAccepted(OfA);
        Claim(A, FirstRun, 1, released: true, sentAt: 200);

        Assert.True(Claim(A, FirstRun, 1, sentAt: 300));
        Claim(A, FirstRun, 1, sentAt: 250);
        Spelled.Equal([Leased(2, 330, A)], Accept(2, OfB));

        Claim(A, FirstRun, 1, released: true, sentAt: 301);
        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_release_of_another_run_is_none_of_this_ones()
    {
        GivenAccepted(OfA);
        Claim(A, SecondRun, 1, sentAt: 5);

        Claim(A, FirstRun, 1, released: true, sentAt: 90_000);

        Spelled.Equal([Leased(2, 330, A)], Accept(2, OfB));
        Assert.True(Claim(A, SecondRun, 1, sentAt: 6));
    }

    [Fact]
    public void Nobody_gives_back_anothers_lease()
    {
        Claim(A, FirstRun, 1);

        Claim(B, FirstRun, 1, released: true);

        Spelled.Equal([Leased(2, 330, A)], Accept(2, OfB));
    }

    [Fact]
    public void No_lease_is_granted_after_the_deposing_state_was_accepted()
    {
        Accept(2, OfB);

        Assert.False(Claim(A, FirstRun, 1));
        Assert.True(Claim(B, FirstRun, 2));
    }

    [Fact]
    public void No_lease_is_granted_to_somebody_who_is_not_the_epochs_primary() => Assert.False(Claim(C, FirstRun, 1));

    [Fact]
    public void A_primary_whose_view_this_voter_has_not_seen_yet_is_granted_the_lease()
    {
        Assert.True(Claim(B, FirstRun, 2));

        Assert.False(Claim(A, FirstRun, 1));
    }

    [Fact]
    public void A_lease_granted_to_a_later_epoch_does_not_refuse_the_state_that_made_it()
    {
        Claim(A, FirstRun, 1);
        Claim(B, FirstRun, 2);

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_process_that_is_gone_keeps_its_lease_for_two_heartbeats_only()
    {
        Claim(A, FirstRun, 1);

        Now += Ms(20);
        Spelled.Equal([], Step(new AcceptorInput.ProcessGone(A, FirstRun)));

        Spelled.Equal([Leased(2, 80, A)], Accept(2, OfB));
        Now += Ms(80);
        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void That_a_process_is_gone_never_lengthens_its_lease()
    {
        Claim(A, FirstRun, 1);

        Now += Ms(320);
        Step(new AcceptorInput.ProcessGone(A, FirstRun));

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void The_death_of_another_process_or_an_older_run_leaves_the_lease_alone()
    {
        Claim(A, SecondRun, 1);

        Step(new AcceptorInput.ProcessGone(A, FirstRun));
        Step(new AcceptorInput.ProcessGone(B, SecondRun));

        Spelled.Equal([Leased(2, 330, A)], Accept(2, OfB));
    }

    [Fact]
    public void A_new_run_of_the_holder_voids_what_the_old_one_held()
    {
        Claim(A, FirstRun, 1);

        Step(new AcceptorInput.Claimed(A, SecondRun, 0, Now, []));

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_late_heartbeat_of_an_older_run_is_granted_nothing()
    {
        Step(new AcceptorInput.Claimed(A, SecondRun, 0, Now, []));

        Assert.False(Claim(A, FirstRun, 1));

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_restarted_acceptor_waits_out_the_leases_it_may_have_granted()
    {
        Claim(A, FirstRun, 1);
        Restarts();

        Spelled.Equal([Leased(2, 330, A)], Accept(2, OfB));
        Now += Ms(329);
        Spelled.Equal([Leased(2, 1, A)], Accept(2, OfB));
        Now += Ms(1);
        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_restarted_acceptor_takes_changes_that_depose_nobody_at_once()
    {
        Restarts();

        Spelled.Equal(
            [Tell(new RegisterMessage.Accepted(Round(2)))],
            Accept(2, OfA with { Version = 2, Paused = true }).Skip(1)
        );
    }

    [Fact]
    public void A_restarted_acceptor_tells_its_waiting_in_its_promise_as_well()
    {
        Restarts();

        Spelled.Equal(
            [Tell(new RegisterMessage.Promise(Round(2), Round(1), OfA, [new HeldLease(P0, new(1), A, Ms(330))]))],
            Ask(new RegisterMessage.Prepare(Round(2))).Skip(1)
        );
    }

    [Fact]
    public void A_restarted_acceptor_that_had_accepted_nothing_may_have_granted_leases_all_the_same()
    {
        GivenNothingAccepted();
        Claim(A, FirstRun, 1);
        Restarts();

        Spelled.Equal([Leased(2, 330, default)], Accept(2, OfB));
        Now += Ms(330);
        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfB).Skip(1));
    }

    [Fact]
    public void A_restarted_acceptor_founds_a_formation_at_once()
    {
        GivenNothingAccepted();
        Restarts();

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(2)))], Accept(2, OfA).Skip(1));
    }
}

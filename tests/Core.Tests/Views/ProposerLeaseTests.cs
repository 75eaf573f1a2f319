using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>A deposition waits for the lease it would break, and never breaks a majority's.</summary>
public sealed class ProposerLeaseTests : ProposerStories
{
    [Fact]
    public void A_deposition_that_a_majority_guards_against_is_asked_about_again_and_not_proposed()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3, LeaseOfA(250));
        Spelled.Equal([], Promises(B, 1, Current, 3, LeaseOfA(200)));

        Assert.Equal(Now + Ms(10), NextDeadline);
        Spelled.Equal(AskForPromises(1), After(10));

        Promises(A, 1, Current, 3);
        Spelled.Equal(AskToAccept(1, OfB), Promises(B, 1, Current, 3));
    }

    [Fact]
    public void A_lease_about_to_end_is_waited_for_exactly()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3, LeaseOfA(3));
        Promises(B, 1, Current, 3, LeaseOfA(4));

        Assert.Equal(Now + Ms(4), NextDeadline);
    }

    [Fact]
    public void A_lease_that_only_a_minority_guards_is_passed_over_as_soon_as_the_others_have_spoken()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3, LeaseOfA(250));
        Spelled.Equal([], Promises(B, 1, Current, 3));

        Spelled.Equal(AskToAccept(1, OfB), Promises(C, 1, Current, 3));
    }

    [Fact]
    public void A_lease_does_not_hold_up_what_deposes_nobody()
    {
        Propose(Pause);
        Promises(A, 1, Current, 3, LeaseOfA(250));

        Spelled.Equal(AskToAccept(1, Paused), Promises(B, 1, Current, 3, LeaseOfA(250)));
    }

    [Fact]
    public void Voters_that_refuse_for_a_lease_are_asked_again_as_soon_as_enough_of_them_may_accept()
    {
        Propose(PromoteB);
        Promises(B, 1, Current, 3);
        Promises(C, 1, Current, 3);

        SaysLeased(A, 1, 90);
        Accepts(C, 1);
        SaysLeased(B, 1, 20);
        Assert.Equal(Now + Ms(20), NextDeadline);

        Spelled.Equal([AskToAccept(B, 1, OfB)], After(20));
        Spelled.Equal(IsDone(OfB), Accepts(B, 1));
    }

    [Fact]
    public void A_primary_that_keeps_its_lease_is_named_when_patience_ends()
    {
        Propose(PromoteB);
        for (var i = 0; i < 100; i++)
        {
            Promises(A, 1, Current, 3, LeaseOfA(250));
            Promises(B, 1, Current, 3, LeaseOfA(250));
            if (i < 99)
                Spelled.Equal(AskForPromises(1), After(10));
        }

        Spelled.Equal([Ends(new ProposalOutcome.Unknown("the primary still holds its lease"))], After(10));
    }

    [Fact]
    public void A_deposition_that_waits_for_a_lease_can_be_withdrawn_for_good()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3, LeaseOfA(250));
        Promises(B, 1, Current, 3, LeaseOfA(250));

        Spelled.Equal([Ends(new ProposalOutcome.Refused("withdrawn"))], Withdraw());
        Spelled.Equal([], After(10));
    }

    [Fact]
    public void A_half_accepted_false_alarm_is_passed_over_while_a_majority_guards_the_primary()
    {
        Propose(Pause);

        // c took the deposing state; a and b, who did not, still grant the primary its lease.
        Promises(C, 1, OfB, 4);
        Spelled.Equal([], Promises(A, 1, Current, 3, LeaseOfA(250)));
        Assert.Equal(Now + Ms(10), NextDeadline);

        Spelled.Equal(AskToAccept(1, Paused), Promises(B, 1, Current, 3, LeaseOfA(250)));
    }

    [Fact]
    public void A_deposition_that_may_be_committed_is_never_passed_over()
    {
        Propose(Pause);
        Promises(C, 1, OfB, 4);

        Spelled.Equal(AskToAccept(1, After(Pause, OfB)), Promises(B, 1, OfB, 4));
    }

    [Fact]
    public void A_half_accepted_deposition_is_carried_on_when_no_lease_guards_against_it()
    {
        Propose(Pause);
        Promises(C, 1, OfB, 4);

        Spelled.Equal(AskToAccept(1, After(Pause, OfB)), Promises(A, 1, Current, 3));
    }

    [Fact]
    public void A_blocked_deposition_is_asked_about_again_when_the_missing_voter_stays_silent()
    {
        Propose(Pause);
        Promises(C, 1, OfB, 4);
        Promises(A, 1, Current, 3, LeaseOfA(250));

        Spelled.Equal([], After(10));
        Spelled.Equal(AskForPromises(1), After(10));
    }
}

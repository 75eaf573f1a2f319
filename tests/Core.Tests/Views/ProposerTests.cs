using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

public sealed class ProposerTests : ProposerStories
{
    [Fact]
    public void A_change_is_applied_to_what_a_majority_tells_and_done_when_a_majority_accepted()
    {
        Spelled.Equal(AskForPromises(1), Propose(Pause));

        Spelled.Equal([], Promises(A, 1, Current, 3));
        Spelled.Equal(AskToAccept(1, Paused), Promises(C, 1, Current, 3));

        Spelled.Equal([], Accepts(A, 1));
        Spelled.Equal(IsDone(Paused), Accepts(B, 1));
        Assert.Null(NextDeadline);
    }

    [Fact]
    public void The_newest_of_the_states_told_is_the_one_that_changes()
    {
        Propose(Pause);
        Promises(A, 1, Current, 3);

        var newer = Current with { Version = 6, Maintenance = [C] };

        Spelled.Equal(AskToAccept(1, After(Pause, newer)), Promises(B, 1, newer, 4));
    }

    [Fact]
    public void A_change_that_is_in_place_already_is_accepted_again_since_it_may_not_be_committed_yet()
    {
        Propose(Pause);
        Promises(A, 1, Paused, 3);

        Spelled.Equal(AskToAccept(1, Paused), Promises(B, 1, Current, 2));
        Accepts(A, 1);
        Spelled.Equal(IsDone(Paused), Accepts(B, 1));
    }

    [Fact]
    public void A_refused_change_is_confirmed_before_it_is_called_refused()
    {
        Propose(new Change.AddInSync(P0, new(9), ReplicaC));
        Promises(A, 1, Current, 3);

        Spelled.Equal(AskToAccept(1, Current), Promises(B, 1, null));
        Accepts(A, 1);

        Spelled.Equal(
            [
                new ProposerEffect.Committed(Current),
                Ends(new ProposalOutcome.Refused("partition 0 is in epoch 1, not 9")),
            ],
            Accepts(B, 1)
        );
    }

    [Fact]
    public void Reading_an_empty_register_commits_that_no_formation_exists()
    {
        Propose(new Change.Confirm());
        Promises(A, 1, null);

        Spelled.Equal(AskToAccept(1, null), Promises(B, 1, null));
        Accepts(A, 1);
        Spelled.Equal(IsDone(null), Accepts(B, 1));
    }

    [Fact]
    public void The_same_voter_answering_twice_is_no_majority()
    {
        Propose(Pause);
        Spelled.Equal([], Promises(A, 1, Current, 3));
        Spelled.Equal([], Promises(A, 1, Current, 3));
        Promises(B, 1, Current, 3);

        Spelled.Equal([], Accepts(A, 1));
        Spelled.Equal([], Accepts(A, 1));
    }

    [Fact]
    public void Answers_to_an_older_round_or_from_somebody_else_count_for_nothing()
    {
        Propose(Pause);
        After(100);

        Spelled.Equal([], Promises(A, 1, Current, 3));
        Spelled.Equal([], Promises(M, 2, Current, 3));
        Spelled.Equal([], Promises(B, 2, Current, 3));
        Spelled.Equal(AskToAccept(2, Paused), Promises(C, 2, Current, 3));
        Spelled.Equal([], Accepts(A, 1));
        Spelled.Equal([], Accepts(M, 2));
        Spelled.Equal([], Accepts(B, 2));
    }

    [Fact]
    public void A_round_whose_messages_were_lost_is_tried_again_with_a_higher_ballot()
    {
        Propose(Pause);
        Promises(A, 1, Current, 3);
        Assert.Equal(Now + Ms(100), NextDeadline);

        Spelled.Equal([], After(99));
        Spelled.Equal(AskForPromises(2), After(1));

        Promises(A, 2, Current, 3);
        Promises(B, 2, Current, 3);
        Accepts(A, 2);
        Spelled.Equal(AskForPromises(3), After(100));
    }

    [Fact]
    public void A_lost_round_may_have_been_accepted_and_is_then_found_again()
    {
        Propose(Pause);
        Promises(A, 1, Current, 3);
        Promises(B, 1, Current, 3);
        After(100);

        // The acceptance reached b; only its answer was lost.
        Promises(A, 2, Current, 3);

        Spelled.Equal(AskToAccept(2, Paused), Promises(B, 2, Paused, 4));
    }

    [Fact]
    public void A_promotion_whose_answers_were_lost_is_done_and_not_refused_by_its_own_epoch()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3);
        Promises(B, 1, Current, 3);
        Accepts(A, 1);
        After(100);
        Promises(A, 2, OfB, 4);
        Promises(B, 2, Current, 3);
        Accepts(A, 2);

        Spelled.Equal(IsDone(OfB), Accepts(B, 2));
    }

    [Fact]
    public void A_proposer_that_did_not_know_how_high_the_ballots_are_goes_above_them_at_once()
    {
        Propose(Pause);

        Spelled.Equal(AskForPromises(9), Conflicts(A, 1, promised: 8));
        Spelled.Equal([], Conflicts(B, 1, promised: 8));

        Assert.Equal(Now + Ms(100), NextDeadline);
    }

    [Fact]
    public void A_proposer_that_is_overtaken_comes_back_above_the_other_after_a_pause()
    {
        Propose(Pause);
        Conflicts(A, 1, promised: 8);

        Spelled.Equal([], Conflicts(A, 9, promised: 10));

        // b is second among the voters, and lost its first round: twice the shortest pause.
        Assert.Equal(Now + Ms(8), NextDeadline);
        Spelled.Equal(AskForPromises(11), After(8));
    }

    [Fact]
    public void A_proposer_that_is_overtaken_before_the_acceptance_pauses_since_the_other_is_at_work()
    {
        Propose(Pause);
        Promises(A, 1, Current, 3);
        Promises(B, 1, Current, 3);

        Spelled.Equal([], Conflicts(C, 1, promised: 8));

        Assert.Equal(Now + Ms(8), NextDeadline);
    }

    [Fact]
    public void A_round_that_several_voters_refuse_is_lost_once_and_above_all_of_them_the_next_begins()
    {
        Propose(Pause);
        Conflicts(A, 1, promised: 8);
        Conflicts(A, 9, promised: 10);

        Conflicts(B, 9, promised: 12);
        Conflicts(C, 9, promised: 10);

        Assert.Equal(Now + Ms(8), NextDeadline);
        Spelled.Equal(AskForPromises(13), After(8));
    }

    [Fact]
    public void A_proposer_that_keeps_losing_pauses_longer()
    {
        Propose(Pause);
        Conflicts(A, 1, promised: 8);
        Conflicts(A, 9, promised: 10);
        After(8);

        Conflicts(A, 11, promised: 12);

        Assert.Equal(Now + Ms(16), NextDeadline);
    }

    [Fact]
    public void A_conflict_about_an_older_round_changes_nothing()
    {
        Propose(Pause);
        After(100);

        Conflicts(A, 1, promised: 8);

        Assert.Equal(Now + Ms(100), NextDeadline);
    }

    [Fact]
    public void Without_a_majority_the_proposal_ends_unknown()
    {
        Propose(Pause);
        for (var i = 1; i < 10; i++)
            Spelled.Equal(AskForPromises(i + 1), After(100));

        Spelled.Equal([Ends(new ProposalOutcome.Unknown("no majority of the voters [a, b, c] answers"))], After(100));
        Assert.Null(NextDeadline);
    }

    [Fact]
    public void One_proposal_follows_the_other()
    {
        Propose(Pause, id: 1);
        Spelled.Equal([], Propose(new Change.SetMaintenance(C, true), id: 2));
        Promises(A, 1, Current, 3);
        Promises(B, 1, Current, 3);
        Accepts(A, 1);

        Spelled.Equal([.. IsDone(Paused, id: 1), .. AskForPromises(2)], Accepts(B, 1));
    }

    [Fact]
    public void A_withdrawn_proposal_that_nobody_was_asked_to_accept_never_happens()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3);

        Spelled.Equal([Ends(new ProposalOutcome.Refused("withdrawn"))], Withdraw());
        Spelled.Equal([], Promises(C, 1, Current, 3));
        Assert.Null(NextDeadline);
    }

    [Fact]
    public void A_withdrawn_proposal_that_somebody_was_asked_to_accept_may_happen()
    {
        Propose(PromoteB);
        Promises(A, 1, Current, 3);
        Promises(C, 1, Current, 3);

        Spelled.Equal([Ends(new ProposalOutcome.Unknown("withdrawn"))], Withdraw());
    }

    [Fact]
    public void A_waiting_proposal_is_withdrawn_without_touching_the_one_under_way()
    {
        Propose(Pause, id: 1);
        Propose(PromoteB, id: 2);

        Spelled.Equal([Ends(new ProposalOutcome.Refused("withdrawn"), id: 2)], Withdraw(2));
        Spelled.Equal([], Withdraw(2));

        Promises(A, 1, Current, 3);
        Spelled.Equal(AskToAccept(1, Paused), Promises(B, 1, Current, 3));
    }

    [Fact]
    public void The_voters_of_a_state_that_was_heard_of_are_the_ones_to_ask()
    {
        var ofB = Current with { Version = 6, Voters = [B] };
        Learn(ofB);
        Learn(Current with { Version = 5, Voters = [A, C] });

        Spelled.Equal([new ProposerEffect.Ask(B, new RegisterMessage.Prepare(Round(1)))], Propose(Pause));
        Spelled.Equal(
            [new ProposerEffect.Ask(B, new RegisterMessage.Accept(Round(1), After(Pause, ofB)))],
            Promises(B, 1, ofB, 3)
        );
    }

    [Fact]
    public void A_state_with_other_voters_is_read_from_a_majority_of_them()
    {
        var ofCM = Current with { Version = 9, Voters = [C, M] };
        Propose(Pause);

        Promises(B, 1, Current, 3);
        Spelled.Equal([new ProposerEffect.Ask(M, new RegisterMessage.Prepare(Round(1)))], Promises(C, 1, ofCM, 4));

        var paused = After(Pause, ofCM);
        Spelled.Equal([AskToAccept(C, 1, paused), AskToAccept(M, 1, paused)], Promises(M, 1, ofCM, 4));
    }

    [Fact]
    public void Other_voters_follow_only_a_state_that_this_proposer_has_committed()
    {
        var change = new Change.AddVoter(M);
        Propose(change);
        Promises(A, 1, Current, 3);
        Spelled.Equal(AskToAccept(1, Current), Promises(B, 1, Current, 3));

        Accepts(A, 1);
        Spelled.Equal([new ProposerEffect.Committed(Current), .. AskForPromises(2)], Accepts(B, 1));

        var joint = After(change, Current);
        Promises(A, 2, Current, 3);
        Spelled.Equal([new ProposerEffect.Ask(M, new RegisterMessage.Prepare(Round(2)))], Promises(B, 2, Current, 3));
        Spelled.Equal([.. AskToAccept(2, joint), AskToAccept(M, 2, joint)], Promises(M, 2, null));
    }

    [Fact]
    public void Voters_that_could_not_decide_are_not_even_proposed()
    {
        // c is down, and there is no node m: a and b could accept a list that nobody could ever change again.
        Propose(new Change.AddVoter(M));
        Promises(A, 1, Current, 3);
        Promises(B, 1, Current, 3);
        Accepts(A, 1);
        Accepts(B, 1);
        Promises(A, 2, Current, 3);
        Promises(B, 2, Current, 3);

        var askAgain = new ProposerEffect.Ask(M, new RegisterMessage.Prepare(Round(2)));
        Spelled.Equal([.. AskForPromises(2), askAgain], After(100));
        Promises(A, 2, Current, 3);
        Spelled.Equal([], Promises(B, 2, Current, 3));
        Spelled.Equal(
            [Ends(new ProposalOutcome.Refused("there would be no majority of the voters: [c, m] do not answer"))],
            After(1_000)
        );

        Propose(Pause, id: 2);
        Promises(A, 3, Current, 3);
        Spelled.Equal(AskToAccept(3, Paused), Promises(B, 3, Current, 3));
    }

    [Fact]
    public void While_the_voters_change_majorities_of_both_lists_must_accept()
    {
        var joint = Current with { Version = 6, Voters = [A, B, C, M], Former = [A, B, C], VotersSince = 6 };
        Propose(Pause);
        Promises(A, 1, joint, 3);
        Promises(B, 1, joint, 3);
        Promises(M, 1, joint, 3);

        Spelled.Equal([], Accepts(A, 1));
        Spelled.Equal([], Accepts(M, 1));
        Spelled.Equal(IsDone(After(Pause, joint)), Accepts(B, 1));
    }
}

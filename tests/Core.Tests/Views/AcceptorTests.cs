using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

public sealed class AcceptorTests : AcceptorStories
{
    [Fact]
    public void A_promise_is_persisted_before_it_is_given() =>
        Spelled.Equal(
            [Persist(Round(3), Ballot.None, null), Tell(new RegisterMessage.Promise(Round(3), Ballot.None, null, []))],
            Ask(new RegisterMessage.Prepare(Round(3)))
        );

    [Fact]
    public void A_state_is_persisted_before_it_is_called_accepted()
    {
        Ask(new RegisterMessage.Prepare(Round(3)));

        Spelled.Equal([Persist(Round(3), Round(3), OfA), Tell(new RegisterMessage.Accepted(Round(3)))], Accept(3, OfA));
    }

    [Fact]
    public void A_promise_tells_the_newest_accepted_state()
    {
        GivenAccepted(OfA);

        Spelled.Equal(
            [Persist(Round(2), Round(1), OfA), Tell(new RegisterMessage.Promise(Round(2), Round(1), OfA, []))],
            Ask(new RegisterMessage.Prepare(Round(2)))
        );
    }

    [Fact]
    public void A_lost_promise_asked_for_again_is_not_persisted_again()
    {
        Ask(new RegisterMessage.Prepare(Round(3)));

        Spelled.Equal(
            [Tell(new RegisterMessage.Promise(Round(3), Ballot.None, null, []))],
            Ask(new RegisterMessage.Prepare(Round(3)))
        );
    }

    [Fact]
    public void A_lost_acceptance_asked_for_again_is_not_persisted_again()
    {
        GivenAccepted(OfA);

        Spelled.Equal([Tell(new RegisterMessage.Accepted(Round(1)))], Accept(1, OfA));
    }

    [Fact]
    public void Older_ballots_meet_the_promise_that_was_given()
    {
        Ask(new RegisterMessage.Prepare(Round(3)));

        Spelled.Equal(
            [Tell(new RegisterMessage.Conflict(Round(2), Round(3)))],
            Ask(new RegisterMessage.Prepare(Round(2)))
        );
        Spelled.Equal([Tell(new RegisterMessage.Conflict(Round(2), Round(3)))], Accept(2, OfA));
        Assert.Null(Kept.State);
    }

    [Fact]
    public void Of_two_proposers_in_one_round_the_later_name_wins_and_of_one_name_the_later_run()
    {
        Ask(new RegisterMessage.Prepare(new Ballot(1, B, FirstRun)));

        Spelled.Equal(
            [Tell(new RegisterMessage.Conflict(new(1, A, SecondRun), new(1, B, FirstRun)))],
            Ask(new RegisterMessage.Prepare(new Ballot(1, A, SecondRun)))
        );
        Spelled.Equal(
            [
                Persist(new(1, B, SecondRun), Ballot.None, null),
                Tell(new RegisterMessage.Promise(new(1, B, SecondRun), Ballot.None, null, [])),
            ],
            Ask(new RegisterMessage.Prepare(new Ballot(1, B, SecondRun)))
        );
    }

    [Fact]
    public void Accepting_without_having_promised_is_a_promise_too()
    {
        Accept(5, OfA);

        Spelled.Equal(
            [Tell(new RegisterMessage.Conflict(Round(4), Round(5)))],
            Ask(new RegisterMessage.Prepare(Round(4)))
        );
    }

    [Fact]
    public void That_no_formation_exists_can_be_accepted_as_well() =>
        Spelled.Equal(
            [Persist(Round(1), Round(1), null), Tell(new RegisterMessage.Accepted(Round(1)))],
            Accept(1, null)
        );

    [Fact]
    public void Promise_and_state_survive_a_restart()
    {
        GivenAccepted(OfA);
        Ask(new RegisterMessage.Prepare(Round(4)));

        Restarts();

        Spelled.Equal(
            [Tell(new RegisterMessage.Conflict(Round(3), Round(4)))],
            Ask(new RegisterMessage.Prepare(Round(3)))
        );
        Spelled.Same(new AcceptorState(Round(4), Round(1), OfA), Kept);
    }
}

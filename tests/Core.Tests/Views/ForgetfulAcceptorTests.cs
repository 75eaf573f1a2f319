using System.Collections.Immutable;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>
/// The voter on node a with an empty memory: new, or one whose directory was lost. It takes part in nothing but a
/// founding until b and c have told what it may have promised and accepted.
/// </summary>
public sealed class ForgetfulAcceptorTests : AcceptorStories
{
    private static readonly FormationState First = State(1, ViewOf(1, ReplicaA, ReplicaB));
    private static readonly FormationState Older = State(8, ViewOf(2, ReplicaA, ReplicaB));
    private static readonly FormationState Newer = State(9, ViewOf(3, ReplicaB, ReplicaC));

    /// <summary>Far above every round that it may have promised to somebody whom nobody else has heard of.</summary>
    private static readonly Ballot _asked = new(2L << 32, A, SecondRun);

    [Fact]
    public void Its_promise_says_that_it_remembers_nothing()
    {
        GivenNoMemory();

        var promise = Promised(Ask(new RegisterMessage.Prepare(Round(3))));

        Assert.True(promise.Forgetful);
        Assert.True(Kept.Forgetful);
    }

    [Fact]
    public void It_accepts_the_first_state_under_its_own_promise_and_remembers_from_then_on()
    {
        GivenNoMemory();
        Ask(new RegisterMessage.Prepare(Round(3)));
        Spelled.Equal([Persist(Round(3), Round(3), null, forgetful: true), Accepted(3)], Accept(3, null));

        Spelled.Equal([], Accept(4, First));
        Ask(new RegisterMessage.Prepare(Round(5)));
        Spelled.Equal([Persist(Round(5), Round(5), First), Accepted(5)], Accept(5, First));

        Assert.False(Promised(Ask(new RegisterMessage.Prepare(Round(6)))).Forgetful);
    }

    [Fact]
    public void One_that_has_its_memory_back_lets_nobody_found_anew_who_asked_it_before()
    {
        GivenNoMemory();
        Learns(Newer);
        Ask(new RegisterMessage.Prepare(new Ballot(_asked.Round + 1, M, FirstRun)));
        Tells(B, Round(7), Older);
        Tells(C, Round(8), Newer);

        Spelled.Equal([], Accept(_asked.Round + 1, null));
        Spelled.Equal([], Accept(_asked.Round + 1, First with { Formation = new(Guid.NewGuid()) }));

        Spelled.Same(Newer, Kept.State);
    }

    [Fact]
    public void A_first_state_that_was_heard_to_be_committed_is_not_replaced_by_that_of_another_founding()
    {
        GivenAccepted(First);
        var another = First with { Formation = new(Guid.NewGuid()) };
        Learns(First);

        Spelled.Equal([], Accept(2, another));
        Spelled.Equal([], Accept(2, null));
        Spelled.Equal([Persist(Round(3), Round(3), Older), Accepted(3)], Accept(3, Older));
    }

    [Fact]
    public void Of_a_founding_that_may_have_failed_another_may_take_the_place()
    {
        GivenAccepted(First);
        var another = First with { Formation = new(Guid.NewGuid()) };

        Spelled.Equal([Persist(Round(2), Round(2), another), Accepted(2)], Accept(2, another));
    }

    [Fact]
    public void It_accepts_nothing_later_and_grants_nothing()
    {
        GivenNoMemory();
        Ask(new RegisterMessage.Prepare(Round(3)));

        Spelled.Equal([], Accept(3, Newer));
        Assert.False(Claim(B, FirstRun, epoch: 3));
    }

    [Fact]
    public void As_soon_as_there_is_a_formation_it_asks_the_other_voters_above_everything_it_can_have_promised()
    {
        GivenNoMemory();

        Spelled.Equal([Asks(B, _asked), Asks(C, _asked)], Learns(Newer));
        Spelled.Equal([], Learns(Newer));
    }

    [Fact]
    public void That_another_voter_remembers_a_later_state_proves_that_there_is_a_formation()
    {
        GivenNoMemory();
        Spelled.Equal([], Step(new AcceptorInput.Remembered(First)));

        Spelled.Equal([Asks(B, _asked), Asks(C, _asked)], Step(new AcceptorInput.Remembered(Older)));
    }

    [Fact]
    public void It_goes_on_with_the_newest_that_enough_others_have_accepted()
    {
        GivenNoMemory();
        Learns(Newer);

        Spelled.Equal([], Tells(B, Round(7), Older));
        Spelled.Equal([Persist(_asked, Round(8), Newer)], Tells(C, Round(8), Newer));

        Assert.False(Promised(Ask(new RegisterMessage.Prepare(_asked with { Round = _asked.Round + 1 }))).Forgetful);
        Assert.True(Claim(B, FirstRun, epoch: 3));
        Assert.Null(NextDeadline);
    }

    [Fact]
    public void Others_that_remember_nothing_do_not_count()
    {
        GivenNoMemory();
        Learns(Newer);
        Tells(B, Round(8), Newer);

        Spelled.Equal([], Tells(C, Ballot.None, null, forgetful: true));

        Assert.True(Kept.Forgetful);
    }

    [Fact]
    public void Whoever_has_not_told_is_asked_again()
    {
        GivenNoMemory();
        Learns(Newer);
        Tells(B, Round(8), Newer);
        Now = NextDeadline!.Value;

        Spelled.Equal([Asks(C, _asked)], Step(AcceptorInput.DeadlineReached.Instance));
    }

    [Fact]
    public void Overtaken_it_asks_everybody_anew_above_what_was_promised_meanwhile()
    {
        GivenNoMemory();
        Learns(Newer);
        Tells(B, Round(8), Newer);
        Step(new AcceptorInput.Told(C, new RegisterMessage.Conflict(_asked, _asked with { Round = _asked.Round + 5 })));
        Now = NextDeadline!.Value;
        var above = _asked with { Round = 4L << 32 };

        Spelled.Equal([Asks(B, above), Asks(C, above)], Step(AcceptorInput.DeadlineReached.Instance));
        Spelled.Equal([], Tells(C, Round(8), Newer));
    }

    [Fact]
    public void Voters_that_only_the_newest_state_names_must_tell_too()
    {
        var d = new NodeId("d");
        var e = new NodeId("e");
        GivenNoMemory();
        Learns(Older);
        Tells(B, Round(7), Older);

        // Three of a, b, c, d, e are a majority: two others can be one with a, so three must have told.
        var later = Newer with
        {
            Voters = [A, B, C, d, e],
        };
        Spelled.Equal([Asks(d, _asked), Asks(e, _asked)], Tells(C, Round(9), later));
        Spelled.Equal([Persist(_asked, Round(9), later)], Tells(d, Round(7), Older));
    }

    [Fact]
    public void A_lease_that_it_may_have_granted_before_is_guarded_afterwards()
    {
        GivenNoMemory();
        Learns(Newer);
        Tells(B, Round(8), Newer);
        Tells(C, Round(8), Newer);
        var deposing = Newer with { Version = 10, Views = State(10, ViewOf(4, ReplicaC)).Views };
        var ballot = _asked with { Round = _asked.Round + 1 };

        Assert.IsType<RegisterMessage.Leased>(
            Assert
                .IsType<AcceptorEffect.Answer>(Assert.Single(Ask(new RegisterMessage.Accept(ballot, deposing))))
                .Message
        );
    }

    [Fact]
    public void It_is_still_without_memory_after_a_restart()
    {
        GivenNoMemory();
        Ask(new RegisterMessage.Prepare(Round(3)));

        Restarts();

        Assert.True(Promised(Ask(new RegisterMessage.Prepare(Round(4)))).Forgetful);
    }

    private static RegisterMessage.Promise Promised(IEnumerable<AcceptorEffect> effects) =>
        Assert.IsType<RegisterMessage.Promise>(effects.OfType<AcceptorEffect.Answer>().Single().Message);

    private ImmutableArray<AcceptorEffect> Learns(FormationState state) => Step(new AcceptorInput.Learned(state));

    private ImmutableArray<AcceptorEffect> Tells(
        NodeId from,
        Ballot acceptedAt,
        FormationState? state,
        bool forgetful = false
    ) =>
        Step(
            new AcceptorInput.Told(
                from,
                new RegisterMessage.Promise(_asked, acceptedAt, state, []) { Forgetful = forgetful }
            )
        );

    private static AcceptorEffect.Ask Asks(NodeId voter, Ballot ballot) =>
        new(voter, new RegisterMessage.Prepare(ballot));

    private static AcceptorEffect Accepted(long round) => Tell(new RegisterMessage.Accepted(Round(round)));

    private static AcceptorEffect.Persist Persist(Ballot promised, Ballot at, FormationState? state, bool forgetful) =>
        new(new AcceptorState(promised, at, state) { Forgetful = forgetful });
}

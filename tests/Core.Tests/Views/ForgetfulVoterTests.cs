using System.Collections.Immutable;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>What a proposer makes of voters that remember nothing: they can found a formation, and decide nothing else.</summary>
public sealed class ForgetfulVoterTests : ProposerStories
{
    private static readonly Change Create = new Change.Create(
        Formation,
        [A, B, C],
        State(1, ViewOf(1, ReplicaA, ReplicaB)).Views
    );

    private static readonly FormationState Founded = Assert
        .IsType<ChangeResult.Next>(Create.ApplyTo(null, SignedByM))
        .State;

    [Fact]
    public void A_majority_of_them_can_found_a_formation()
    {
        Propose(Create);
        Forgets(A);

        Spelled.Equal([Founded, Founded, Founded], Accepts(Forgets(B)));
    }

    [Fact]
    public void With_one_that_remembers_a_formation_they_are_no_majority()
    {
        Propose(Pause);
        Forgets(A);
        Assert.Empty(Accepts(Promises(B, 1, Current)));

        Spelled.Equal([Paused, Paused, Paused], Accepts(Promises(C, 1, Current)));
    }

    [Fact]
    public void A_founding_that_was_left_half_done_is_finished_first_and_only_when_all_have_answered()
    {
        Propose(Pause);
        Forgets(A);
        Assert.Empty(Accepts(Promises(B, 1, Founded)));

        Spelled.Equal([Founded, Founded, Founded], Accepts(Forgets(C)));
    }

    private ImmutableArray<ProposerEffect> Forgets(NodeId from) =>
        Step(
            new ProposerInput.Answered(
                from,
                new RegisterMessage.Promise(Round(1), Ballot.None, null, []) { Forgetful = true }
            )
        );

    private static IEnumerable<FormationState?> Accepts(IEnumerable<ProposerEffect> effects) =>
        effects
            .OfType<ProposerEffect.Ask>()
            .Select(a => a.Message)
            .OfType<RegisterMessage.Accept>()
            .Select(a => a.State);
}

using Failover.Core.Leases;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>The list of voters changes by one node, in three steps.</summary>
public sealed class ChangeOfVotersTests : AcceptorStories
{
    private static readonly FormationState Before = State(5, ViewOf(1, ReplicaA, ReplicaB));

    private static readonly FormationState Joint = After(new Change.AddVoter(M), Before);

    private static readonly FormationState LeasesAsked = After(new Change.SettleVoters(), Joint);

    [Fact]
    public void First_both_lists_count()
    {
        Spelled.Equal([A, B, C, M], Joint.Voters);
        Spelled.Equal([A, B, C], Joint.Former);
        Assert.Equal((6, 6, 0), (Joint.Version, Joint.VotersSince, Joint.LeasesNeed));
        var entry = Assert.Single(Joint.History);
        Assert.Equal((DecisionKind.VoterAdded, M), (entry.Kind, entry.To));
    }

    [Fact]
    public void Then_primaries_must_have_heard_of_it() =>
        Assert.Equal((7, 6, false), (LeasesAsked.Version, LeasesAsked.LeasesNeed, LeasesAsked.Former.IsEmpty));

    [Fact]
    public void Then_the_former_list_counts_no_more()
    {
        var settled = After(new Change.SettleVoters(), LeasesAsked);

        Spelled.Equal([A, B, C, M], settled.Voters);
        Assert.Empty(settled.Former);
        Assert.IsType<ChangeResult.Unchanged>(new Change.SettleVoters().ApplyTo(settled, SignedByM));
    }

    [Fact]
    public void A_voter_is_taken_off_the_list()
    {
        var joint = After(new Change.RemoveVoter(B), Before);

        Spelled.Equal([A, C], joint.Voters);
        Assert.Equal(DecisionKind.VoterRemoved, Assert.Single(joint.History).Kind);
    }

    [Fact]
    public void The_last_voter_stays() =>
        Assert.Equal(
            new ChangeResult.Refused("a is the only voter"),
            new Change.RemoveVoter(A).ApplyTo(Before with { Voters = [A] }, SignedByM)
        );

    [Fact]
    public void One_change_at_a_time() =>
        Assert.Equal(
            new ChangeResult.Refused("another change of the voters is not over yet"),
            new Change.RemoveVoter(A).ApplyTo(Joint, SignedByM)
        );

    [Fact]
    public void What_is_so_already_changes_nothing()
    {
        Assert.IsType<ChangeResult.Unchanged>(new Change.AddVoter(A).ApplyTo(Before, SignedByM));
        Assert.IsType<ChangeResult.Unchanged>(new Change.AddVoter(M).ApplyTo(Joint, SignedByM));
        Assert.IsType<ChangeResult.Unchanged>(new Change.RemoveVoter(M).ApplyTo(Before, SignedByM));
    }

    [Fact]
    public void A_lease_that_counts_the_former_voters_alone_must_end_first()
    {
        GivenAccepted(Joint);
        Claims(known: 5);

        Now += Ms(100);
        Spelled.Equal([Leased(2, 230, A)], Accept(2, LeasesAsked));

        Claims(known: 6);
        Assert.Contains(Tell(new RegisterMessage.Accepted(Round(2))), Accept(2, LeasesAsked));
    }

    [Fact]
    public void A_primary_that_has_not_heard_of_the_change_is_granted_no_lease_afterwards()
    {
        GivenAccepted(LeasesAsked);

        Assert.False(Claims(known: 5));
        Assert.True(Claims(known: 6));
    }

    [Fact]
    public void A_voter_that_has_just_started_may_have_granted_such_a_lease()
    {
        GivenAccepted(Joint);
        Restarts();

        Spelled.Equal([Leased(2, 330, default)], Accept(2, LeasesAsked));
    }

    [Fact]
    public void A_lease_needs_majorities_of_both_lists()
    {
        var hold = new LeaseHold(new LeaseOptions { Interval = Ms(165), Duration = Ms(300) });
        hold.Begin(new Epoch(1));
        hold.Granted(A, new Epoch(1), At(1_000));
        hold.Granted(M, new Epoch(1), At(1_100));
        var electorate = new Electorate([A, M], [A, B, C]);

        Assert.Null(hold.HeldUntil(electorate));

        hold.Granted(B, new Epoch(1), At(1_050));

        Assert.Equal(At(1_300), hold.HeldUntil(electorate));
    }

    private bool Claims(long known)
    {
        var effects = Step(
            new AcceptorInput.Claimed(A, new Incarnation(1), known, Now, [new LeaseClaim(P0, new Epoch(1), false)])
        );
        return Assert.IsType<AcceptorEffect.AnswerClaims>(Assert.Single(effects)).Answers[0].Granted;
    }

    private static FormationState After(Change change, FormationState state) =>
        Assert.IsType<ChangeResult.Next>(change.ApplyTo(state, SignedByM)).State;
}

using Failover.Core.Policy;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>An operator's command began to change the voters, and its node died before it was done.</summary>
public sealed class HalfDoneChangeOfVotersTests : PolicyStories
{
    private static readonly PolicyEffect Settles = Propose(new Change.SettleVoters());
    private static readonly ProposalOutcome NoMajority = new ProposalOutcome.Unknown("no majority");

    [Fact]
    public void The_monitor_takes_the_steps_that_are_missing()
    {
        var joint = Next(GivenFormation(), new Change.AddVoter(M));
        Spelled.Equal([], Learns(joint));
        Spelled.Equal([], After(999));
        Spelled.Equal([Settles], After(1));

        var leasesAsked = Next(joint, new Change.SettleVoters());
        Spelled.Equal([], Ended(new Change.SettleVoters(), new ProposalOutcome.Done(leasesAsked)));
        Spelled.Equal([Settles], After(1_000));

        var settled = Next(leasesAsked, new Change.SettleVoters());
        Spelled.Equal([], Ended(new Change.SettleVoters(), new ProposalOutcome.Done(settled)));
        Assert.Empty(settled.Former);
        Spelled.Equal([], After(60_000));
        Assert.Null(NextDeadline);
    }

    [Fact]
    public void A_change_that_goes_on_is_left_to_whoever_began_it()
    {
        var joint = Next(GivenFormation(), new Change.RemoveVoter(C));
        Learns(joint);
        Now += Ms(900);
        var leasesAsked = Next(joint, new Change.SettleVoters());
        Learns(leasesAsked);

        Spelled.Equal([], After(900));
        Learns(Next(leasesAsked, new Change.SettleVoters()));

        Spelled.Equal([], After(60_000));
    }

    [Fact]
    public void Without_a_majority_it_tries_again_after_a_while_and_not_at_once()
    {
        Learns(Next(GivenFormation(), new Change.AddVoter(M)));
        After(1_000);

        Spelled.Equal([], Ended(new Change.SettleVoters(), NoMajority));
        Spelled.Equal([], After(999));
        Spelled.Equal([Settles], After(1));
    }

    [Fact]
    public void It_asks_once_while_an_answer_is_outstanding()
    {
        Learns(Next(GivenFormation(), new Change.AddVoter(M)));
        Spelled.Equal([Settles], After(1_000));

        Spelled.Equal([], After(60_000));
    }

    [Fact]
    public void A_stand_in_does_it_only_where_no_monitor_acts()
    {
        Given(OptionsOf(B, Mandate.StandIn));
        Learns(Next(GivenFormation(), new Change.AddVoter(M)));

        Spelled.Equal([], After(1_999));
        Spelled.Equal([Settles], After(1));
    }
}

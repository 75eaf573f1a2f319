using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>Where no Monitor acts, a data node may make itself primary, and nobody else.</summary>
public sealed class StandInTests : PolicyStories
{
    private static readonly PolicyEffect PromotesB = Propose(
        Promote(ReplicaB, "the process of a is gone", [ReplicaA], "refused", "no Monitor was heard of for 2 s")
    );

    public StandInTests() => Given(OptionsOf(B, Mandate.StandIn));

    [Fact]
    public void It_acts_only_when_no_monitor_was_heard_of_for_long_enough()
    {
        GivenFormation();
        Spelled.Equal([], FindsDead(A));
        Assert.Equal(Now + Ms(2_000), NextDeadline);

        Spelled.Equal([], After(1_999));
        Spelled.Equal([PromotesB], After(1));
    }

    [Fact]
    public void A_monitor_that_speaks_keeps_it_from_acting()
    {
        GivenFormation();
        FindsDead(A);
        Now += Ms(1_900);
        Hears(Report(ReplicaC, ReplicaRole.Standby) with { Monitoring = true });

        // Nobody repeats what stays as it is.
        Spelled.Equal([], After(60_000));
        Hears(Report(ReplicaC, ReplicaRole.Standby));
        Spelled.Equal([], After(1_999));
        Spelled.Equal([PromotesB], After(1));
    }

    [Fact]
    public void A_monitor_that_fell_silent_was_heard_of_until_its_last_heartbeat()
    {
        GivenFormation();
        FindsDead(A);
        Hears(Report(ReplicaC, ReplicaRole.Standby) with { Monitoring = true });
        Now += Ms(60_000);

        FindsSilent(C, silentFor: 400);

        Spelled.Equal([], After(1_599));
        Spelled.Equal(
            [
                Propose(
                    Promote(
                        ReplicaB,
                        "the process of a is gone",
                        [ReplicaA, ReplicaC],
                        "refused",
                        "no Monitor was heard of for 2 s"
                    )
                ),
            ],
            After(1)
        );
    }

    [Fact]
    public void A_monitor_that_died_with_the_primary_does_not_keep_it_from_acting()
    {
        GivenFormation();
        Hears(Report(ReplicaA, ReplicaRole.Primary) with { Monitoring = true });
        FindsDead(A);

        Now += Ms(1_000);
        FindsDead(A);

        Spelled.Equal([PromotesB], After(1_000));
    }

    [Fact]
    public void It_never_promotes_anybody_else()
    {
        GivenFormation();
        Hears(Report(ReplicaC, ReplicaRole.Standby, last: 10));
        FindsDead(A);

        Spelled.Equal([], After(60_000));
    }

    [Fact]
    public void It_says_nothing_while_the_primary_lives()
    {
        GivenFormation();

        Spelled.Equal([], After(60_000));
        Assert.Null(NextDeadline);
    }

    [Fact]
    public void An_operators_hand_decides_nothing_by_itself()
    {
        Given(OptionsOf(B, Mandate.Operator));
        GivenFormation();

        Spelled.Equal([], FindsDead(A));
        Spelled.Equal([], After(60_000));
    }
}

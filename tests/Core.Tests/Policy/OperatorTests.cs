using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>What an operator may force, and what it costs.</summary>
public sealed class OperatorTests : PolicyStories
{
    private const string Accepted = "the operator accepted data loss";
    private const string NotAccepted = "the operator did not accept data loss";

    [Fact]
    public void A_healthy_primary_hands_over_in_order_instead()
    {
        GivenFormation();

        Spelled.Equal([new PolicyEffect.SwitchOver(new(5), P0, A)], Forced(acceptDataLoss: false));
    }

    [Fact]
    public void With_data_loss_accepted_even_a_healthy_primary_is_replaced_by_an_in_sync_standby()
    {
        GivenFormation();

        Forces(ReplicaB, DecisionKind.ForcedInSync, Forced(acceptDataLoss: true), Accepted);
    }

    [Fact]
    public void A_dead_primary_is_replaced_though_automatic_failover_is_paused()
    {
        var state = GivenFormation();
        Learns(state with { Version = 2, Paused = true });
        FindsDead(A);

        Forces(ReplicaB, DecisionKind.ForcedInSync, Forced(acceptDataLoss: false), "refused", NotAccepted);
    }

    [Fact]
    public void Without_an_in_sync_replica_alive_it_is_refused_with_the_way_out()
    {
        Learns(State(1, ViewOf(1, ReplicaA)));
        Hears(Report(ReplicaB, ReplicaRole.Joining));
        FindsDead(A);

        Spelled.Equal(
            [
                new PolicyEffect.Refuse(
                    new(5),
                    "no in-sync replica is alive; accepting data loss would allow one that is not in sync"
                ),
            ],
            Forced(acceptDataLoss: false)
        );
    }

    [Fact]
    public void With_data_loss_accepted_the_best_replica_alive_leads()
    {
        Learns(State(1, ViewOf(1, ReplicaA)));
        Hears(Report(ReplicaB, ReplicaRole.Joining, last: 5));
        Hears(Report(ReplicaC, ReplicaRole.Joining, last: 7));
        FindsDead(A);

        Forces(ReplicaC, DecisionKind.Forced, Forced(acceptDataLoss: true), "refused", Accepted);
    }

    [Fact]
    public void An_in_sync_replica_is_preferred_though_another_has_a_longer_log()
    {
        Learns(State(1, ViewOf(1, ReplicaA, ReplicaB)));
        Hears(Report(ReplicaB, ReplicaRole.Standby, last: 5));
        Hears(Report(ReplicaC, ReplicaRole.Joining, last: 7));
        FindsDead(A);

        Forces(ReplicaB, DecisionKind.ForcedInSync, Forced(acceptDataLoss: true), "refused", Accepted);
    }

    [Fact]
    public void A_restarted_primary_leads_again_when_no_other_in_sync_replica_is_alive()
    {
        Learns(State(1, ViewOf(1, ReplicaA)) with { Paused = true });
        Hears(Report(ReplicaB, ReplicaRole.Joining));
        Hears(Report(ReplicaA, ReplicaRole.Candidate));

        Forces(
            ReplicaA,
            DecisionKind.ForcedInSync,
            Forced(acceptDataLoss: true),
            "a runs as incarnation 1 and was not promoted since",
            Accepted
        );
    }

    [Fact]
    public void With_nobody_alive_not_even_accepting_data_loss_helps()
    {
        Learns(State(1, ViewOf(1, ReplicaA)));
        FindsDead(A);

        Spelled.Equal([new PolicyEffect.Refuse(new(5), "no in-sync replica is alive")], Forced(acceptDataLoss: true));
    }

    [Fact]
    public void An_unknown_partition_is_refused()
    {
        GivenFormation();

        Spelled.Equal(
            [new PolicyEffect.Refuse(new(5), "there is no partition 9")],
            Step(new PolicyInput.FailoverForced(new(5), new(9), true))
        );
    }

    [Fact]
    public void A_node_in_maintenance_is_passed_over_while_there_is_another()
    {
        var state = GivenFormation();
        Learns(state with { Version = 2, Maintenance = [B], Paused = true });
        Hears(Report(ReplicaB, ReplicaRole.Standby, last: 10));
        FindsDead(A);

        Forces(ReplicaC, DecisionKind.ForcedInSync, Forced(acceptDataLoss: false), "refused", NotAccepted);
    }

    [Fact]
    public void With_nobody_else_even_a_node_in_maintenance_leads()
    {
        var state = GivenFormation() with { Version = 2, Maintenance = [B, C], Paused = true };
        Learns(state);
        FindsDead(A);

        var change = Assert.IsType<PolicyEffect.Propose>(Forced(acceptDataLoss: false)[^1]).Change;

        Assert.Equal(B, Next(state, change).Views[P0].Primary.Node);
    }

    [Fact]
    public void A_replica_whose_application_is_ill_is_passed_over_while_there_is_another()
    {
        Learns(GivenFormation() with { Version = 2, Paused = true });
        Hears(With(Report(ReplicaB, ReplicaRole.Standby, last: 10), r => r with { Trouble = "ill" }));
        FindsDead(A);

        Forces(ReplicaC, DecisionKind.ForcedInSync, Forced(acceptDataLoss: false), "refused", NotAccepted);
    }

    [Fact]
    public void How_long_a_forced_failover_took_goes_into_the_history()
    {
        var state = GivenFormation() with { Version = 2, Paused = true };
        Learns(state);
        FindsSilent(A, silentFor: 5_000);
        var change = Assert.IsType<PolicyEffect.Propose>(Forced(acceptDataLoss: false)[^1]).Change;
        Now += Ms(7);
        Ended(change, new ProposalOutcome.Done(Next(state, change)));
        Now += Ms(4);

        Spelled.Equal(
            [Propose(new Change.RecordPhases(P0, new(2), new PhaseTimes(5_000, 7, 4)))],
            Hears(Report(ReplicaB, ReplicaRole.Primary, epoch: 2))
        );
    }

    [Fact]
    public void An_automatic_failover_that_is_under_way_is_measured_though_an_operator_forces_another()
    {
        var state = GivenFormation();
        var automatic = Assert.IsType<PolicyEffect.Propose>(Assert.Single(FindsSilent(A))).Change;
        var forced = Assert.IsType<PolicyEffect.Propose>(Forced(acceptDataLoss: false)[^1]).Change;
        Now += Ms(3);

        Ended(forced, new ProposalOutcome.Refused("partition 0 is in epoch 2, not 1"));
        Ended(automatic, new ProposalOutcome.Done(Next(state, automatic)));

        Spelled.Equal(
            [Propose(new Change.RecordPhases(P0, new(2), new PhaseTimes(200, 3, 0)))],
            Hears(Report(ReplicaB, ReplicaRole.Primary, epoch: 2))
        );
    }

    private static void Forces(
        ReplicaId target,
        DecisionKind kind,
        IEnumerable<PolicyEffect> effects,
        params string[] evidence
    )
    {
        var change = Promote(target, "an operator forced it", [ReplicaA], evidence) with { Kind = kind };
        Spelled.Equal(
            [new PolicyEffect.AnswerWith(new(5), change), Propose(change)],
            effects.Where(e => e is not PolicyEffect.Alarm)
        );
    }
}

using System.Collections.Immutable;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>A primary whose application is unhealthy hands over; nobody is made primary whose application is.</summary>
public sealed class HealthTests : PolicyStories
{
    private const string Ill = "the application's health check failed 3 times: exit 1";

    private FormationState _state;

    public HealthTests() => _state = GivenFormation();

    [Fact]
    public void A_primary_that_falls_ill_is_asked_once_to_hand_over_to_the_healthy_standby_that_has_the_most()
    {
        Hears(Report(ReplicaC, ReplicaRole.Standby, last: 10));

        Spelled.Equal([MovesTo(C)], FallsIll(ReplicaA, ReplicaRole.Primary));
        Spelled.Equal([], FallsIll(ReplicaA, ReplicaRole.Primary));
    }

    [Fact]
    public void An_ill_standby_is_not_asked_for_though_it_has_the_most()
    {
        FallsIll(ReplicaC, ReplicaRole.Standby, last: 10);

        Spelled.Equal([MovesTo(B)], FallsIll(ReplicaA, ReplicaRole.Primary));
    }

    [Fact]
    public void When_all_are_ill_nothing_moves_and_one_alarm_is_raised()
    {
        FallsIll(ReplicaB, ReplicaRole.Standby);
        FallsIll(ReplicaC, ReplicaRole.Standby);

        Spelled.Equal(
            [Alarm($"partition 0: a is unhealthy ({Ill}), and no healthy in-sync replica can take over")],
            FallsIll(ReplicaA, ReplicaRole.Primary)
        );
        Spelled.Equal([], FallsIll(ReplicaA, ReplicaRole.Primary));

        Spelled.Equal([MovesTo(C)], Hears(Report(ReplicaC, ReplicaRole.Standby)));
    }

    [Fact]
    public void An_ill_standby_does_not_take_over_from_a_dead_primary_until_it_is_well_again()
    {
        FallsIll(ReplicaB, ReplicaRole.Standby);
        FallsIll(ReplicaC, ReplicaRole.Standby);

        Assert.IsType<PolicyEffect.Alarm>(Assert.Single(FindsDead(A)));

        Assert.IsType<PolicyEffect.Propose>(Assert.Single(Hears(Report(ReplicaB, ReplicaRole.Standby))));
    }

    [Fact]
    public void Nobody_in_sync_or_nobody_outside_maintenance_means_nobody()
    {
        Learns(_state with { Version = 2, Maintenance = [B, C] });

        Assert.IsType<PolicyEffect.Alarm>(Assert.Single(FallsIll(ReplicaA, ReplicaRole.Primary)));

        Given(OptionsOf(M, Mandate.Monitor));
        Learns(State(1, ViewOf(1, ReplicaA)));
        Hears(Report(ReplicaB, ReplicaRole.Joining));
        Assert.IsType<PolicyEffect.Alarm>(Assert.Single(FallsIll(ReplicaA, ReplicaRole.Primary)));
    }

    [Fact]
    public void Pause_keeps_an_ill_primary_until_it_ends()
    {
        Learns(_state with { Version = 2, Paused = true });
        Spelled.Equal([], FallsIll(ReplicaA, ReplicaRole.Primary));

        Spelled.Equal([MovesTo(B)], Learns(_state with { Version = 3 }));
    }

    [Theory]
    [InlineData(Mandate.StandIn)]
    [InlineData(Mandate.Operator)]
    public void Only_the_monitor_moves_an_ill_primary(Mandate mandate)
    {
        Given(OptionsOf(B, mandate));
        GivenFormation();

        Spelled.Equal([], FallsIll(ReplicaA, ReplicaRole.Primary));
        Spelled.Equal([], After(60_000));
    }

    [Fact]
    public void A_primary_that_is_well_again_before_anybody_could_take_over_stays_and_the_alarm_ends()
    {
        FallsIll(ReplicaB, ReplicaRole.Standby);
        FallsIll(ReplicaC, ReplicaRole.Standby);
        FallsIll(ReplicaA, ReplicaRole.Primary);

        Spelled.Equal([], Hears(Report(ReplicaA, ReplicaRole.Primary)));
        Spelled.Equal([], Hears(Report(ReplicaB, ReplicaRole.Standby)));

        FallsIll(ReplicaB, ReplicaRole.Standby);
        Assert.IsType<PolicyEffect.Alarm>(Assert.Single(FallsIll(ReplicaA, ReplicaRole.Primary)));
    }

    [Fact]
    public void A_primary_that_cannot_hand_over_is_asked_again_after_a_while()
    {
        FallsIll(ReplicaA, ReplicaRole.Primary);

        Spelled.Equal(
            [Alarm("partition 0: its unhealthy primary stays: b is not in sync")],
            Step(new PolicyInput.MoveEnded(P0, new(1), "b is not in sync"))
        );
        Assert.Equal(Now + Ms(1_000), NextDeadline);

        Spelled.Equal([], After(999));
        Spelled.Equal([MovesTo(B)], After(1));
    }

    [Fact]
    public void A_primary_that_does_not_answer_is_asked_again_and_one_that_dies_is_replaced_at_once()
    {
        FallsIll(ReplicaA, ReplicaRole.Primary);
        Spelled.Equal([], After(14_999));
        Spelled.Equal([MovesTo(B)], After(1));

        Assert.IsType<PolicyEffect.Propose>(Assert.Single(FindsDead(A)));
    }

    [Fact]
    public void The_role_does_not_go_back_by_itself_when_the_former_primary_is_well_again()
    {
        FallsIll(ReplicaA, ReplicaRole.Primary);
        HandsOverTo(ReplicaB);

        Spelled.Equal([], Hears(Report(ReplicaA, ReplicaRole.Standby, epoch: 2)));
        Spelled.Equal([], After(3_600_000));
    }

    [Fact]
    public void Illness_that_follows_the_role_around_is_damped()
    {
        FallsIll(ReplicaA, ReplicaRole.Primary);
        HandsOverTo(ReplicaB);
        Hears(Report(ReplicaA, ReplicaRole.Standby, epoch: 2));

        Now += Ms(3_000);
        Spelled.Equal([], FallsIll(ReplicaB, ReplicaRole.Primary, epoch: 2));
        Spelled.Equal([], After(6_999));
        Assert.Equal(A, Assert.IsType<PolicyEffect.MoveAway>(Assert.Single(After(1))).Target);
        HandsOverTo(ReplicaA);
        Hears(Report(ReplicaB, ReplicaRole.Standby, epoch: 3));

        Now += Ms(3_000);
        Spelled.Equal([], FallsIll(ReplicaA, ReplicaRole.Primary, epoch: 3));
        Assert.Equal(Now + Ms(17_000), NextDeadline);
    }

    [Fact]
    public void A_primary_that_an_operator_chose_need_not_stay()
    {
        FallsIll(ReplicaA, ReplicaRole.Primary);
        HandsOverTo(ReplicaB);
        HandsOverTo(ReplicaC, DecisionKind.Switchover);
        Hears(Report(ReplicaA, ReplicaRole.Standby, epoch: 3));

        Assert.IsType<PolicyEffect.MoveAway>(Assert.Single(FallsIll(ReplicaC, ReplicaRole.Primary, epoch: 3)));
    }

    [Fact]
    public void How_long_it_took_is_for_the_former_primary_to_say()
    {
        FallsIll(ReplicaA, ReplicaRole.Primary);
        Learns(Moved(ReplicaB, DecisionKind.Failover));

        Spelled.Equal([], Hears(Report(ReplicaB, ReplicaRole.Primary, epoch: 2)));
    }

    [Fact]
    public void More_than_three_moves_within_an_hour_raise_the_alarm_of_flapping()
    {
        ReplicaId[] turns = [ReplicaB, ReplicaA, ReplicaB, ReplicaA];
        List<PolicyEffect> effects = [];
        foreach (var to in turns)
        {
            Now += Ms(300_000);
            effects.AddRange(HandsOverTo(to));
        }

        Assert.Contains(Alarm("partition 0 failed over 4 times by itself within an hour"), effects);
    }

    private static PolicyEffect.MoveAway MovesTo(NodeId target) => new(P0, new(1), A, target, "a is unhealthy", [Ill]);

    private ImmutableArray<PolicyEffect> FallsIll(ReplicaId replica, ReplicaRole role, long epoch = 1, long last = 9) =>
        Hears(With(Report(replica, role, epoch, last), r => r with { Trouble = Ill }));

    private FormationState Moved(ReplicaId to, DecisionKind kind) =>
        _state = Next(_state, new Change.Promote(P0, _state.Views[P0].Epoch, to, kind, [], "", []));

    private ImmutableArray<PolicyEffect> HandsOverTo(ReplicaId to, DecisionKind kind = DecisionKind.Failover)
    {
        var from = _state.Views[P0].Primary;
        var effects = Learns(Moved(to, kind));
        var epoch = _state.Views[P0].Epoch.Value;
        Hears(Report(to, ReplicaRole.Primary, epoch));
        FallsIll(from, ReplicaRole.Standby, epoch);
        return effects;
    }
}

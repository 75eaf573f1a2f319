using System.Collections.Immutable;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>Primaries that die as soon as they are promoted are not used up one after the other.</summary>
public sealed class DampingTests : PolicyStories
{
    private FormationState _state = State(1, ViewOf(1, ReplicaA, ReplicaB, ReplicaC));

    public DampingTests()
    {
        Learns(_state);
        foreach (var replica in new[] { ReplicaA, ReplicaB, ReplicaC })
            Hears(Report(replica, replica == ReplicaA ? ReplicaRole.Primary : ReplicaRole.Standby));
    }

    private ReplicaId Primary => _state.Views[P0].Primary;

    [Fact]
    public void The_first_failover_after_a_calm_time_is_immediate()
    {
        Assert.IsType<PolicyEffect.Propose>(Assert.Single(FindsDead(A)));
    }

    [Fact]
    public void The_failover_of_a_primary_that_fails_at_once_keeps_the_back_off_away_from_the_last()
    {
        FailsOver(after: 10_000);
        var promoted = Now;

        Spelled.Equal([], Fails(after: 400));
        Assert.Equal(promoted + Ms(1_000), NextDeadline);
        Spelled.Equal([], After(599));

        var late = Assert.IsType<Change.Promote>(Assert.IsType<PolicyEffect.Propose>(Assert.Single(After(1))).Change);
        Assert.Equal(
            "b failed within 1 s of its promotion: this failover kept 1 s away from the last",
            late.Evidence[^1]
        );
    }

    [Fact]
    public void Each_failure_at_once_doubles_the_back_off_up_to_its_bound()
    {
        FailsOver(after: 10_000);

        double[] backOffs = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
        foreach (var backOff in backOffs)
        {
            Spelled.Equal([], Fails(after: 300));
            Spelled.Equal([], Decisions(After(backOff - 301)));
            Commits(Decisions(After(1)));
        }
    }

    [Fact]
    public void A_primary_that_led_for_longer_is_replaced_at_once_however_often()
    {
        FailsOver(after: 10_000);

        for (var round = 0; round < 20; round++)
            FailsOver(after: 1_000);
    }

    [Fact]
    public void Primaries_that_led_for_longer_do_not_lengthen_the_wait_of_one_that_fails_at_once()
    {
        FailsOver(after: 10_000);

        for (var round = 0; round < 5; round++)
            FailsOver(after: 1_100);

        FailsOverLate(after: 300, backOff: 1_000);
        FailsOverLate(after: 300, backOff: 2_000);
    }

    [Fact]
    public void After_a_calm_time_the_back_off_begins_anew()
    {
        FailsOver(after: 10_000);
        FailsOverLate(after: 300, backOff: 1_000);
        FailsOverLate(after: 300, backOff: 2_000);

        FailsOver(after: 6_001);

        FailsOverLate(after: 300, backOff: 1_000);
    }

    [Fact]
    public void A_primary_that_recovers_meanwhile_stays()
    {
        FailsOver(after: 10_000);
        Spelled.Equal([], Fails(after: 400));

        Hears(Report(Primary, ReplicaRole.Primary, epoch: 2));

        Spelled.Equal([], After(60_000));
    }

    [Fact]
    public void A_primary_that_an_operator_chose_is_replaced_at_once()
    {
        FailsOver(after: 10_000);
        var toC = new Change.Promote(P0, new(2), ReplicaC, DecisionKind.Switchover, [], "an operator asked for it", []);
        _state = Next(_state, toC);
        Learns(_state);
        Hears(Report(ReplicaC, ReplicaRole.Primary, epoch: 3));

        Assert.IsType<PolicyEffect.Propose>(Assert.Single(Fails(after: 100)));
    }

    [Fact]
    public void An_operator_need_not_wait()
    {
        FailsOver(after: 10_000);
        Spelled.Equal([], Fails(after: 400));

        Assert.Contains(Forced(acceptDataLoss: false), e => e is PolicyEffect.Propose);
    }

    [Fact]
    public void A_new_monitor_goes_on_where_the_last_one_was()
    {
        FailsOver(after: 10_000);
        FailsOverLate(after: 300, backOff: 1_000);

        // The last failover was a second after the first; the new watch begins 500 ms later.
        Now += Ms(500);
        Inherits(Wall);

        Spelled.Equal([], FindsDead(Primary.Node));
        Assert.Equal(Now + Ms(1_500), NextDeadline);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5_000)]
    public void What_a_new_monitor_finds_of_another_time_or_in_the_future_holds_nothing_up(double later)
    {
        FailsOver(after: 10_000);
        FailsOverLate(after: 300, backOff: 1_000);

        Inherits(Wall + (long)later);

        Assert.IsType<PolicyEffect.Propose>(Assert.Single(Decisions(FindsDead(Primary.Node))));
    }

    [Fact]
    public void The_fourth_failover_within_an_hour_raises_one_alarm()
    {
        for (var i = 0; i < 3; i++)
            Assert.Empty(Alarms(FailsOver(after: 60_000)));

        Spelled.Equal(
            [Alarm("partition 0 failed over 4 times by itself within an hour")],
            Alarms(FailsOver(after: 60_000))
        );
        Assert.Empty(Alarms(FailsOver(after: 60_000)));
    }

    [Fact]
    public void What_an_operator_forces_or_asks_for_counts_neither_for_the_alarm_nor_for_the_back_off()
    {
        for (var i = 0; i < 4; i++)
        {
            Now += Ms(60_000);
            var forced = Assert.IsType<PolicyEffect.Propose>(Forced(acceptDataLoss: true)[^1]);
            Assert.Empty(Alarms(Commits([forced])));
        }

        Assert.Equal<string>([], FailoverAlarms.Of(_state, new(Wall)));
        Assert.IsType<PolicyEffect.Propose>(Assert.Single(Fails(after: 100)));
    }

    [Fact]
    public void An_alarm_that_passed_can_be_raised_again()
    {
        for (var i = 0; i < 4; i++)
            FailsOver(after: 60_000);
        After(3_600_000);

        for (var i = 0; i < 3; i++)
            Assert.Empty(Alarms(FailsOver(after: 1_000)));
        Assert.Single(Alarms(FailsOver(after: 1_000)));
    }

    [Fact]
    public void A_stand_in_leaves_the_alarm_to_the_monitor()
    {
        Given(OptionsOf(B, Mandate.StandIn));
        Learns(State(1, ViewOf(1, ReplicaA, ReplicaB)));

        for (var i = 0; i < 5; i++)
        {
            Now += Ms(60_000);
            Assert.Empty(Alarms(LearnsOfFailover()));
        }
    }

    [Fact]
    public void For_people_an_alarm_stands_for_an_hour_after_the_failovers()
    {
        for (var i = 0; i < 4; i++)
            LearnsOfFailover();

        Assert.Equal<string>(
            ["partition 0 failed over 4 times by itself within an hour"],
            FailoverAlarms.Of(_state, new(Wall))
        );
        Assert.Equal<string>([], FailoverAlarms.Of(_state, new(Wall + 3_600_001)));
        Assert.Equal<string>([], FailoverAlarms.Of(State(1, ViewOf(1, ReplicaA)), new(Wall)));
    }

    /// <summary>The wall clock of whoever decides goes with the story's.</summary>
    private long Wall => (long)Now.SinceStart.TotalMilliseconds;

    /// <summary>The primary dies; nobody else does, and who died before is back.</summary>
    private ImmutableArray<PolicyEffect> Fails(double after)
    {
        Now += Ms(after);
        return FindsDead(Primary.Node);
    }

    private ImmutableArray<PolicyEffect> FailsOver(double after) => Commits(Decisions(Fails(after)));

    private void FailsOverLate(double after, double backOff)
    {
        Spelled.Equal([], Fails(after));
        Spelled.Equal([], Decisions(After(backOff - after - 1)));
        Commits(Decisions(After(1)));
    }

    private ImmutableArray<PolicyEffect> Commits(ImmutableArray<PolicyEffect> decisions)
    {
        var change = Assert.IsType<PolicyEffect.Propose>(Assert.Single(decisions)).Change;
        _state = Assert.IsType<ChangeResult.Next>(change.ApplyTo(_state, new Signature(new(Wall), M))).State;
        // Who fell out of the in-sync set is back at once, or the stories would run out of nodes.
        var view = _state.Views[P0];
        _state = _state with
        {
            Views = _state.Views.SetItem(P0, ViewOf(view.Epoch.Value, view.Primary, Others(view.Primary))),
        };
        var effects = Ended(change, new ProposalOutcome.Done(_state));
        HearsAll();
        return effects;
    }

    private ImmutableArray<PolicyEffect> LearnsOfFailover()
    {
        var view = _state.Views[P0];
        var target = view.Primary == ReplicaA ? ReplicaB : ReplicaA;
        var change = new Change.Promote(P0, view.Epoch, target, DecisionKind.Failover, [], "it is gone", []);
        _state = Assert.IsType<ChangeResult.Next>(change.ApplyTo(_state, new Signature(new(Wall), M))).State;
        return Learns(_state);
    }

    private void Inherits(long wall)
    {
        Given(OptionsOf(M, Mandate.Monitor));
        Step(new PolicyInput.StateLearned(_state, new WallTime(wall)));
        HearsAll();
    }

    private void HearsAll()
    {
        var view = _state.Views[P0];
        foreach (var replica in view.InSync)
            Hears(
                Report(replica, replica == view.Primary ? ReplicaRole.Promoting : ReplicaRole.Standby, view.Epoch.Value)
            );
    }

    private static ReplicaId[] Others(ReplicaId primary) =>
        [.. new[] { ReplicaA, ReplicaB, ReplicaC }.Where(r => r != primary)];

    private static ImmutableArray<PolicyEffect> Alarms(IEnumerable<PolicyEffect> effects) =>
        [.. effects.Where(e => e is PolicyEffect.Alarm)];

    private static ImmutableArray<PolicyEffect> Decisions(IEnumerable<PolicyEffect> effects) =>
        [.. effects.Where(e => e is not PolicyEffect.Alarm)];
}

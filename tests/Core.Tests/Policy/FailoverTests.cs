using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

public sealed class FailoverTests : PolicyStories
{
    [Fact]
    public void A_dead_primary_is_replaced_with_its_evidence_kept()
    {
        GivenFormation();

        Spelled.Equal([Propose(Promote(ReplicaB, "the process of a is gone", [ReplicaA], "refused"))], FindsDead(A));
        Spelled.Equal([], FindsDead(A));
    }

    [Fact]
    public void A_silent_primary_is_replaced()
    {
        GivenFormation();

        Spelled.Equal([Propose(Promote(ReplicaB, "a is silent", [ReplicaA], "φ 9"))], FindsSilent(A));
    }

    [Fact]
    public void A_primary_that_was_restarted_is_replaced_by_a_standby_and_stays_in_sync()
    {
        GivenFormation();

        Spelled.Equal(
            [Propose(Promote(ReplicaB, "a was restarted", [], "a runs as incarnation 1 and was not promoted since"))],
            Hears(Report(ReplicaA, ReplicaRole.Candidate))
        );
    }

    [Fact]
    public void A_restarted_primary_that_is_alone_leads_again()
    {
        Learns(State(1, ViewOf(1, ReplicaA)));

        Spelled.Equal(
            [Propose(Promote(ReplicaA, "a was restarted", [], "a runs as incarnation 1 and was not promoted since"))],
            Hears(Report(ReplicaA, ReplicaRole.Candidate))
        );
    }

    [Fact]
    public void A_primary_that_lost_its_data_is_replaced_and_never_leads_itself()
    {
        Learns(State(1, ViewOf(1, ReplicaB, ReplicaA)));
        Hears(Report(ReplicaA, ReplicaRole.Standby));

        Spelled.Equal(
            [
                Propose(
                    Promote(
                        ReplicaA,
                        "b lost its data",
                        [ReplicaB],
                        $"b reports {NewReplicaB}, the view names {ReplicaB}"
                    )
                ),
            ],
            Hears(Report(NewReplicaB, ReplicaRole.Joining))
        );
    }

    [Fact]
    public void A_primary_whose_storage_failed_is_replaced()
    {
        GivenFormation();

        Spelled.Equal(
            [Propose(Promote(ReplicaB, "a gave up its role", [ReplicaA], "no space left"))],
            Hears(With(Report(ReplicaA, ReplicaRole.Failed), r => r with { Trouble = "no space left" }))
        );
    }

    [Fact]
    public void A_primary_that_hangs_though_its_heartbeat_goes_on_is_replaced()
    {
        GivenFormation();
        Spelled.Equal([], Hears(With(Report(ReplicaA, ReplicaRole.Primary), r => r with { Idle = Ms(2_999) })));

        Spelled.Equal(
            [
                Propose(
                    Promote(
                        ReplicaB,
                        "a hangs",
                        [ReplicaA],
                        "its replica has done nothing for 3.0 s, though its heartbeat goes on"
                    )
                ),
            ],
            Hears(With(Report(ReplicaA, ReplicaRole.Primary), r => r with { Idle = Ms(3_000) }))
        );
    }

    [Fact]
    public void Why_a_primary_hangs_is_evidence_if_it_says_so()
    {
        GivenFormation();

        Spelled.Equal(
            [
                Propose(
                    Promote(
                        ReplicaB,
                        "a hangs",
                        [ReplicaA],
                        "its replica has done nothing for 3.0 s, though its heartbeat goes on",
                        "its disk does not answer"
                    )
                ),
            ],
            Hears(
                With(
                    Report(ReplicaA, ReplicaRole.Primary),
                    r => r with { Idle = Ms(3_000), Trouble = "its disk does not answer" }
                )
            )
        );
    }

    [Fact]
    public void The_standby_with_the_highest_position_is_chosen()
    {
        GivenFormation();
        Hears(Report(ReplicaC, ReplicaRole.Standby, last: 10));

        Spelled.Equal([Propose(Promote(ReplicaC, "the process of a is gone", [ReplicaA], "refused"))], FindsDead(A));
    }

    [Fact]
    public void A_later_epoch_is_a_higher_position_than_a_longer_log()
    {
        GivenFormation();
        Hears(Report(ReplicaB, ReplicaRole.Standby, epoch: 0, last: 99));

        Assert.Equal(ReplicaC, Promoted(FindsDead(A)));
    }

    [Fact]
    public void A_restarted_primary_leads_again_when_it_alone_holds_the_most()
    {
        GivenFormation();

        Assert.Equal(ReplicaA, Promoted(Hears(Report(ReplicaA, ReplicaRole.Candidate, last: 10))));
    }

    [Theory]
    [InlineData(ReplicaRole.Starting)]
    [InlineData(ReplicaRole.Failed)]
    public void A_standby_that_takes_no_part_is_no_candidate(ReplicaRole role)
    {
        GivenFormation();
        Hears(Report(ReplicaB, role, last: 99));

        Assert.Equal(ReplicaC, Promoted(FindsDead(A)));
    }

    [Fact]
    public void A_standby_in_trouble_or_hanging_is_no_candidate()
    {
        GivenFormation();
        Hears(With(Report(ReplicaB, ReplicaRole.Standby, last: 99), r => r with { Trouble = "disk is slow" }));
        Assert.Equal(ReplicaC, Promoted(FindsDead(A)));

        Given(OptionsOf(M, Mandate.Monitor));
        GivenFormation();
        Hears(With(Report(ReplicaB, ReplicaRole.Standby, last: 99), r => r with { Idle = Ms(3_000) }));
        Assert.Equal(ReplicaC, Promoted(FindsDead(A)));
    }

    [Fact]
    public void A_standby_with_other_data_than_the_view_names_is_no_candidate()
    {
        GivenFormation();
        Hears(Report(NewReplicaB, ReplicaRole.Joining, last: 99));

        Assert.Equal(ReplicaC, Promoted(FindsDead(A)));
    }

    [Fact]
    public void A_node_in_maintenance_is_no_candidate()
    {
        var state = GivenFormation();
        Learns(state with { Version = 2, Maintenance = [B] });

        Assert.Equal(ReplicaC, Promoted(FindsDead(A)));
    }

    [Fact]
    public void Whoever_else_is_down_leaves_the_in_sync_set_with_the_primary()
    {
        GivenFormation();
        FindsSilent(B);

        Spelled.Equal(
            [Propose(Promote(ReplicaC, "the process of a is gone", [ReplicaA, ReplicaB], "refused"))],
            FindsDead(A)
        );
    }

    [Fact]
    public void A_dead_standby_is_the_primarys_business()
    {
        GivenFormation();

        Spelled.Equal([], FindsDead(B));
    }

    [Fact]
    public void Pause_stops_automatic_failover_until_it_ends()
    {
        var state = GivenFormation();
        Learns(state with { Version = 2, Paused = true });
        Spelled.Equal([], FindsDead(A));

        Assert.Equal(ReplicaB, Promoted(Learns(state with { Version = 3 })));
    }

    [Fact]
    public void Without_a_candidate_an_alarm_is_raised_once()
    {
        GivenFormation();
        FindsDead(B);
        FindsDead(C);

        Spelled.Equal(
            [Alarm("partition 0: the process of a is gone, and no other in-sync replica can take over")],
            FindsDead(A)
        );
        Spelled.Equal([], FindsDead(A));
        Assert.Equal(ReplicaB, Promoted(Hears(Report(ReplicaB, ReplicaRole.Standby))));
    }

    [Fact]
    public void An_alarm_that_was_over_is_raised_again()
    {
        Learns(State(1, ViewOf(1, ReplicaA)));
        Hears(Report(ReplicaA, ReplicaRole.Primary));
        Assert.Single(FindsSilent(A));
        Hears(Report(ReplicaA, ReplicaRole.Primary));

        Spelled.Equal([Alarm("partition 0: a is silent, and no other in-sync replica can take over")], FindsSilent(A));
    }

    [Fact]
    public void A_suspicion_that_proved_wrong_is_withdrawn()
    {
        GivenFormation();
        FindsSilent(A);

        Spelled.Equal(
            [new PolicyEffect.Withdraw(Promote(ReplicaB, "a is silent", [ReplicaA], "φ 9"))],
            Hears(Report(ReplicaA, ReplicaRole.Primary))
        );
    }

    [Fact]
    public void A_new_run_of_a_dead_primary_does_not_withdraw_its_failover()
    {
        GivenFormation();
        FindsDead(A);

        Spelled.Equal([], Hears(Report(ReplicaA, ReplicaRole.Starting, epoch: 0, last: 9)));
        Spelled.Equal([], Hears(Report(ReplicaA, ReplicaRole.Candidate)));
    }

    [Fact]
    public void A_failover_to_a_replica_that_died_meanwhile_is_withdrawn_and_another_one_chosen()
    {
        GivenFormation();
        FindsDead(A);
        var toB = Promote(ReplicaB, "the process of a is gone", [ReplicaA], "refused");

        Spelled.Equal([new PolicyEffect.Withdraw(toB)], FindsDead(B));
        Spelled.Equal(
            [Propose(Promote(ReplicaC, "the process of a is gone", [ReplicaA, ReplicaB], "refused"))],
            Ended(toB, new ProposalOutcome.Refused("withdrawn"))
        );
    }

    [Fact]
    public void A_failover_to_a_replica_that_lost_its_data_meanwhile_is_withdrawn()
    {
        GivenFormation();
        FindsDead(A);
        var toB = Promote(ReplicaB, "the process of a is gone", [ReplicaA], "refused");

        Spelled.Equal(
            [new PolicyEffect.Withdraw(toB)],
            Hears(Report(NewReplicaB, ReplicaRole.Joining, epoch: 1, last: 0))
        );
    }

    [Fact]
    public void A_failover_that_came_to_nothing_is_decided_anew()
    {
        GivenFormation();
        FindsDead(A);
        var toB = Promote(ReplicaB, "the process of a is gone", [ReplicaA], "refused");

        Spelled.Equal([Propose(toB)], Ended(toB, new ProposalOutcome.Unknown("no majority")));
    }

    [Fact]
    public void A_refused_failover_is_not_asked_for_again_within_a_heartbeat()
    {
        GivenFormation();
        FindsDead(A);
        var toB = Promote(ReplicaB, "the process of a is gone", [ReplicaA], "refused");

        Spelled.Equal([], Ended(toB, new ProposalOutcome.Refused("b/00000002 is not in sync")));
        Spelled.Equal([], After(49));
        Spelled.Equal([Propose(toB)], After(1));
    }

    [Fact]
    public void A_primary_that_a_monitor_has_never_heard_of_is_down_when_the_others_had_time_to_speak()
    {
        // The Monitor and the primary's host were lost together; a new Monitor has just started.
        Learns(State(1, ViewOf(1, ReplicaA, ReplicaB)));
        Hears(Report(ReplicaB, ReplicaRole.Standby));
        Assert.Equal(Now + Ms(2_000), NextDeadline);
        Spelled.Equal([], After(1_999));

        Spelled.Equal(
            [
                Propose(
                    Promote(
                        ReplicaB,
                        "a is silent",
                        [ReplicaA],
                        "nothing was heard of a since this watch began more than 2 s ago"
                    )
                ),
            ],
            After(1)
        );
    }

    private static ReplicaId Promoted(IEnumerable<PolicyEffect> effects) =>
        Assert.IsType<Change.Promote>(Assert.IsType<PolicyEffect.Propose>(Assert.Single(effects)).Change).Target;
}

using Akka.Actor;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Monitor.Tests;

public sealed class MonitorActorTests : MonitorStories
{
    [Fact]
    public void Tells_its_node_when_it_starts_and_when_it_stops()
    {
        var monitor = Started(Mandate.Monitor);
        Assert.Equal("the Monitor runs on monitor1", Happenings.ExpectMsg<Happening>().Message);

        Sys.Stop(monitor);

        Heartbeat.ExpectMsg(new MonitorRuns(false));
    }

    [Fact]
    public void Who_only_stands_by_does_not_say_that_it_monitors()
    {
        var standIn = Watch(Started(Mandate.StandIn, App2));

        Sys.Stop(standIn);
        ExpectTerminated(standIn);

        Heartbeat.ExpectNoMsg(TimeSpan.Zero);
        Happenings.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Founds_a_formation_of_the_empty_replicas_once_everybody_is_there()
    {
        var monitor = Started(Mandate.Monitor);
        Register.Send(monitor, new FormationRead(null));
        Hears(monitor, App1, Empty(Replica1));
        Hears(monitor, Monitor1);

        Hears(monitor, App2, Empty(Replica2));

        var create = Proposed<Change.Create>();
        Assert.Equal<NodeId>([App1, App2, Monitor1], create.Voters);
        Assert.Equal(new View(new Epoch(1), Replica1, [Replica1, Replica2]), create.Views[P0]);
    }

    [Fact]
    public void Founds_nothing_before_a_majority_said_that_there_is_no_formation()
    {
        var monitor = Started(Mandate.Monitor);
        Hears(monitor, App1, Empty(Replica1));
        Hears(monitor, App2, Empty(Replica2));
        Hears(monitor, Monitor1);

        Register.Send(monitor, new FormationRead(State(1)));

        Settled(monitor);
        Register.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_primary_whose_process_is_gone_is_replaced_by_the_standby_and_the_reason_is_announced()
    {
        var monitor = Watching(Mandate.Monitor);
        Happenings.ExpectMsg<Happening>();

        Buries(monitor, App1);

        var promote = Proposed<Change.Promote>();
        Assert.Equal((P0, new Epoch(1), Replica2), (promote.Partition, promote.Epoch, promote.Target));
        Assert.Equal("the process of app1 is gone", promote.Reason);
        Assert.Equal<ReplicaId>([Replica1], promote.Lost);
        Assert.Equal(
            new Happening(
                "decision",
                "the process of app1 is gone (its port refuses): app2 shall lead partition 0 in epoch 2"
            ),
            Happenings.ExpectMsg<Happening>()
        );
    }

    [Fact]
    public void A_suspicion_that_proves_wrong_is_withdrawn()
    {
        var monitor = Watching(Mandate.Monitor);
        Suspects(monitor, App1);
        var promote = Proposed<Change.Promote>();

        Hears(monitor, App1, Report(Replica1, ReplicaRole.Primary));

        Assert.Equal(promote, Register.ExpectMsg<WithdrawChange>().Change);
    }

    [Fact]
    public void A_failover_that_got_no_majority_is_proposed_again()
    {
        var monitor = Watching(Mandate.Monitor);
        Buries(monitor, App1);
        var promote = Proposed<Change.Promote>();

        Register.Send(monitor, new ChangeEnded(promote, new ProposalOutcome.Unknown("no majority answers")));

        Assert.Equal(promote.Target, Proposed<Change.Promote>().Target);
    }

    [Fact]
    public void What_the_node_learns_by_itself_counts_too()
    {
        var monitor = Started(Mandate.Monitor);
        Hears(monitor, App1, Report(Replica1, ReplicaRole.Standby));
        Hears(monitor, App2, Report(Replica2, ReplicaRole.Primary));
        Buries(monitor, App2);

        Sys.EventStream.Publish(new StateLearned(State(4, Replica2)));

        Assert.Equal((new Epoch(4), Replica1), (Proposed<Change.Promote>() is var p ? (p.Epoch, p.Target) : default));
    }

    [Fact]
    public void Without_anybody_who_could_take_over_it_raises_the_alarm_once()
    {
        var monitor = Watching(Mandate.Monitor);
        Happenings.ExpectMsg<Happening>();

        Buries(monitor, App2);
        Buries(monitor, App1);
        Buries(monitor, App1);

        Assert.Equal(
            "partition 0: the process of app1 is gone, and no other in-sync replica can take over",
            Happenings.ExpectMsg<Happening>().Message
        );
        Settled(monitor);
        Happenings.ExpectNoMsg(TimeSpan.Zero);
        Register.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_stand_in_acts_only_after_no_monitor_was_heard_of_for_long_enough()
    {
        var standIn = Watching(Mandate.StandIn, App2);
        Buries(standIn, Monitor1);
        Buries(standIn, App1);
        Settled(standIn);
        Time.Advance(TimeSpan.FromSeconds(1.9));
        Hears(standIn, App2, Report(Replica2, ReplicaRole.Standby));
        Settled(standIn);
        Register.ExpectNoMsg(TimeSpan.Zero);

        Time.Advance(TimeSpan.FromSeconds(0.2));
        Hears(standIn, App2, Report(Replica2, ReplicaRole.Standby));

        var promote = Proposed<Change.Promote>();
        Assert.Equal(Replica2, promote.Target);
        Assert.Contains("no Monitor was heard of for 2 s", promote.Evidence);
    }

    [Fact]
    public void A_stand_in_makes_nobody_else_primary()
    {
        var standIn = Watching(Mandate.StandIn, Monitor1);
        Buries(standIn, App1);
        Settled(standIn);
        Time.Advance(TimeSpan.FromMinutes(1));

        Hears(standIn, App2, Report(Replica2, ReplicaRole.Standby));

        Settled(standIn);
        Register.ExpectNoMsg(TimeSpan.Zero);
    }
}

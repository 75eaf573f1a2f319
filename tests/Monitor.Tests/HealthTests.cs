using Akka.Actor;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Messages;

namespace Failover.Monitor.Tests;

/// <summary>What becomes of a primary whose application is unhealthy.</summary>
public sealed class HealthTests : MonitorStories
{
    [Fact]
    public void The_primary_itself_is_asked_to_hand_over_and_the_decision_is_told_with_its_evidence()
    {
        var monitor = Watching(Mandate.Monitor);
        FallsIll(monitor);

        var asked = Primary.ExpectMsg<Request.Switchover>();

        Assert.Equal((App2, "app1 is unhealthy", true), (asked.To!.Value, asked.Reason, asked.IsAutomatic));
        Assert.Equal(["exit 1: 'disk on fire'"], asked.Evidence.AsEnumerable());
        Happenings.FishForMessage(m =>
            m is Happening { Message: "app1 is unhealthy (exit 1: 'disk on fire'): app2 shall lead partition 0" }
        );
    }

    [Fact]
    public void A_refusal_is_told_and_the_primary_is_asked_again()
    {
        var monitor = Watching(Mandate.Monitor);
        FallsIll(monitor);
        var asked = Primary.ExpectMsg<Request.Switchover>();

        Primary.Reply(new Answer(asked.Id, new RequestOutcome.Refused(RefusalKind.Conflict, "app2 did not catch up")));
        Happenings.FishForMessage(m =>
            m is Happening { Message: "partition 0: its unhealthy primary stays: app2 did not catch up" }
        );
        Time.Advance(TimeSpan.FromSeconds(1));
        FallsIll(monitor);

        Assert.NotEqual(asked.Id, Primary.ExpectMsg<Request.Switchover>().Id);
    }

    [Fact]
    public void An_answer_that_nobody_waits_for_changes_nothing()
    {
        var monitor = Watching(Mandate.Monitor);

        Primary.Send(monitor, new Answer(7, RequestOutcome.NotPrimary.Instance));
        Settled(monitor);

        Primary.ExpectNoMsg(TimeSpan.Zero);
    }

    private void FallsIll(IActorRef monitor) =>
        Hears(monitor, App1, Report(Replica1, ReplicaRole.Primary) with { Trouble = "exit 1: 'disk on fire'" });
}

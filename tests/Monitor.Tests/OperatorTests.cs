using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Monitor.Tests;

/// <summary>What an operator who forces a failover is answered.</summary>
public sealed class OperatorTests : MonitorStories
{
    [Fact]
    public void Before_any_formation_is_known_there_is_nothing_to_force()
    {
        var monitor = Started(Mandate.Operator);

        monitor.Tell(new ForceFailover(P0, false), TestActor);

        ExpectMsg(new FailoverForced.Refused("there is no partition 0"));
    }

    [Fact]
    public void A_healthy_primary_should_hand_over_itself()
    {
        var monitor = Watching(Mandate.Operator);

        monitor.Tell(new ForceFailover(P0, false), TestActor);

        ExpectMsg(new FailoverForced.Healthy(App1));
    }

    [Fact]
    public void The_answer_is_the_state_that_the_change_led_to()
    {
        var monitor = Watching(Mandate.Operator);
        Buries(monitor, App1);

        monitor.Tell(new ForceFailover(P0, false), TestActor);
        var promote = Proposed<Change.Promote>();
        var done = State(2, Replica2);
        Register.Send(monitor, new ChangeEnded(promote, new ProposalOutcome.Done(done)));

        ExpectMsg(new FailoverForced.Done(done));
    }

    [Fact]
    public void A_change_that_was_refused_is_answered_with_the_reason()
    {
        var monitor = Watching(Mandate.Operator);
        Buries(monitor, App1);

        monitor.Tell(new ForceFailover(P0, false), TestActor);
        var promote = Proposed<Change.Promote>();
        Register.Send(monitor, new ChangeEnded(promote, new ProposalOutcome.Refused("app2 is in maintenance")));

        ExpectMsg(new FailoverForced.Refused("app2 is in maintenance"));
    }

    [Fact]
    public void A_change_that_nobody_knows_the_end_of_is_answered_with_the_reason()
    {
        var monitor = Watching(Mandate.Operator);
        Buries(monitor, App1);

        monitor.Tell(new ForceFailover(P0, false), TestActor);
        var promote = Proposed<Change.Promote>();
        Register.Send(monitor, new ChangeEnded(promote, new ProposalOutcome.Unknown("no majority answers")));

        ExpectMsg(new FailoverForced.Refused("no majority answers"));
    }

    [Fact]
    public void Every_operator_gets_an_answer_of_their_own()
    {
        var monitor = Watching(Mandate.Operator);
        Buries(monitor, App1);
        var (first, second) = (CreateTestProbe(), CreateTestProbe());

        first.Send(monitor, new ForceFailover(P0, false));
        second.Send(monitor, new ForceFailover(P0, true));
        var (careful, careless) = (Proposed<Change.Promote>(), Proposed<Change.Promote>());
        Register.Send(monitor, new ChangeEnded(careless, new ProposalOutcome.Refused("too late")));
        Register.Send(monitor, new ChangeEnded(careful, new ProposalOutcome.Done(State(2, Replica2))));

        second.ExpectMsg(new FailoverForced.Refused("too late"));
        Assert.Equal(new Epoch(2), first.ExpectMsg<FailoverForced.Done>().State!.ViewOf(P0)!.Epoch);
    }

    [Fact]
    public void Nobody_in_sync_is_left_but_data_loss_would_allow_another_one()
    {
        var monitor = Watching(Mandate.Operator);
        Buries(monitor, App1);
        Buries(monitor, App2);

        monitor.Tell(new ForceFailover(P0, false), TestActor);

        ExpectMsg(
            new FailoverForced.Refused(
                "no in-sync replica is alive; accepting data loss would allow one that is not in sync"
            )
        );
    }
}

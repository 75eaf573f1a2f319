using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>What a primary does about followers that do not answer.</summary>
public sealed class TimeoutTests : ReplicaStories
{
    [Fact]
    public void An_unanswered_message_is_sent_again_and_an_answer_asked_for()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Assert.Equal(Now + Ms(100), Replica.NextDeadline);

        Spelled.Equal([], After(99));
        Spelled.Equal([Send(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1, confirm: true))], After(1));
        Spelled.Equal([Send(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1, confirm: true))], After(100));
    }

    [Fact]
    public void Sending_again_does_not_make_a_silent_replica_look_alive()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        for (var i = 0; i < 4; i++)
            After(100);

        Spelled.Equal([Propose(Remove(ReplicaB, "b did not answer for 500 ms"))], After(100));
    }

    [Fact]
    public void Any_answer_starts_the_patience_anew()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Writes(8);
        Flushes();
        Now += Ms(450);
        Acks(ReplicaB, 2);

        Spelled.Equal([Send(B, Replicate(1, Pos(1, 2), [Put(1, 3)], 1, confirm: true))], After(99));
        Assert.DoesNotContain(Propose(Remove(ReplicaB, "b did not answer for 500 ms")), After(400));
        Assert.Contains(Propose(Remove(ReplicaB, "b did not answer for 500 ms")), After(1));
    }

    [Fact]
    public void An_idle_follower_is_asked_for_a_sign_of_life()
    {
        GivenPrimary(ReplicaB);
        Assert.Equal(Now + Ms(1_000), Replica.NextDeadline);

        Spelled.Equal([Send(B, Replicate(1, Pos(1, 1), [], 1, confirm: true))], After(1_000));

        Acks(ReplicaB, 1);
        Assert.Equal(Now + Ms(1_000), Replica.NextDeadline);
    }

    [Fact]
    public void An_idle_follower_without_a_sign_of_life_is_removed()
    {
        GivenPrimary(ReplicaB);
        After(1_000);

        Spelled.Equal([Propose(Remove(ReplicaB, "b did not answer for 500 ms"))], After(500));
        Assert.Null(Replica.NextDeadline);
    }

    [Fact]
    public void A_follower_whose_process_is_gone_is_given_up_at_once()
    {
        GivenPrimary(ReplicaB, ReplicaC);

        Spelled.Equal([Propose(Remove(ReplicaB, "the process of b is gone"))], Step(new ReplicaInput.ProcessGone(B)));
        Spelled.Equal([], Step(new ReplicaInput.ProcessGone(B)));
    }

    [Fact]
    public void A_joining_replica_that_falls_silent_is_forgotten_without_the_register()
    {
        GivenPrimary();
        Attaches(ReplicaC, Position.Zero);

        Spelled.Equal([], After(500));
        Spelled.Equal([], Acks(ReplicaC, 1));
        Assert.Null(Replica.NextDeadline);
    }

    [Fact]
    public void A_standby_does_not_care_whose_process_is_gone()
    {
        GivenStandby();

        Spelled.Equal([], Step(new ReplicaInput.ProcessGone(B)));
    }

    [Fact]
    public void A_second_answer_to_the_same_entries_starts_no_second_conversation()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Writes(8);
        Flushes();
        Assert.Contains(Send(B, Replicate(1, Pos(1, 2), [Put(1, 3)], 1)), Acks(ReplicaB, 2));

        // The first copy was slow, so it was sent again; this answers the other copy.
        Spelled.Equal([], Acks(ReplicaB, 2));
    }
}

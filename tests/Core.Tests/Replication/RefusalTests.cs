using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>What cannot be accepted is refused with a reason, never dropped.</summary>
public sealed class RefusalTests : ReplicaStories
{
    [Fact]
    public void With_fewer_in_sync_than_demanded_writes_are_refused_and_reads_are_not()
    {
        Options = Options with { MinInSync = 2 };
        GivenPrimary();

        Spelled.Equal(
            [Refused(7, RefusalKind.NotEnoughReplicas, "1 replicas are in sync, min-in-sync is 2")],
            Writes(7)
        );
        Spelled.Equal([NotFound(8)], ReadsKey(8));
    }

    [Fact]
    public void Writes_are_accepted_again_when_enough_are_in_sync()
    {
        Options = Options with { MinInSync = 2 };
        GivenPrimary();

        Sees(ViewOf(1, ReplicaA, ReplicaB));

        Spelled.Equal([ScheduleFlush], Writes(7));
    }

    [Fact]
    public void A_write_that_was_admitted_before_too_few_were_left_is_answered_when_enough_hold_it_again()
    {
        Options = Options with { MinInSync = 2 };
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Step(new ReplicaInput.ProcessGone(B));

        Spelled.Equal(
            [Send(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 2))],
            Ended(Remove(ReplicaB, "the process of b is gone"), DoneWith(ViewOf(1, ReplicaA)))
        );
        Assert.Equal(2, Replica.Commit);
        Spelled.Equal([], Holds(lease: 300));
        Spelled.Equal([Found(8, 2)], ReadsKey(8));

        Attaches(ReplicaC, Position.Zero);
        Spelled.Equal([Propose(Add(ReplicaC))], Acks(ReplicaC, 2));
        Spelled.Equal([Created(7, 2)], Sees(ViewOf(1, ReplicaA, ReplicaC)));
    }

    [Fact]
    public void Beyond_the_limit_of_waiting_requests_more_are_refused()
    {
        Options = Options with { MaxWaiting = 2 };
        GivenPrimary();
        Writes(7);
        Flushes();
        Writes(8);

        Spelled.Equal([Refused(9, RefusalKind.Overloaded, "2 requests wait already")], Writes(9));

        Persisted(1, 2);
        Spelled.Equal([], Writes(10));
    }

    [Fact]
    public void Requests_that_wait_for_a_promotion_count_as_well()
    {
        Options = Options with { MaxWaiting = 1 };
        GivenPromoting();
        Writes(7);

        Spelled.Equal([Refused(8, RefusalKind.Overloaded, "1 requests wait already")], Writes(8));
    }

    [Fact]
    public void Reads_that_wait_are_bounded_like_writes()
    {
        Options = Options with { MaxWaiting = 1 };
        GivenPrimary();
        Holds(lease: null);
        ReadsKey(7);

        Spelled.Equal([Refused(8, RefusalKind.Overloaded, "1 requests wait already")], ReadsKey(8));

        Spelled.Equal([NotFound(7)], Holds(lease: 300));
        Spelled.Equal([NotFound(9)], ReadsKey(9));
    }

    [Fact]
    public void Reads_that_wait_for_a_promotion_are_bounded_like_writes()
    {
        Options = Options with { MaxWaiting = 1 };
        GivenPromoting();
        ReadsKey(7);

        Spelled.Equal([Refused(8, RefusalKind.Overloaded, "1 requests wait already")], ReadsKey(8));
    }

    [Fact]
    public void A_primary_whose_storage_fails_gives_up_role_and_lease_and_sends_everybody_on()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();

        Spelled.Equal(
            [
                NotPrimary(7),
                new ReplicaEffect.ReleaseLease(new(1)),
                Noted("gives up its role: no space left"),
                Became(ReplicaRole.Failed, 1),
            ],
            Step(new ReplicaInput.StorageFailed("no space left"))
        );
        Assert.Equal("no space left", Replica.Trouble);
    }

    [Fact]
    public void A_standby_whose_storage_fails_acknowledges_nothing_more()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));

        Spelled.Equal(
            [Noted("gives up its role: I/O error"), Became(ReplicaRole.Failed, 1)],
            Step(new ReplicaInput.StorageFailed("I/O error"))
        );
        Spelled.Equal([], Persisted(1, 2));
        Spelled.Equal([], Receives(B, Replicate(1, Pos(1, 1), [], 1, confirm: true)));
        Assert.Null(Replica.NextDeadline);
    }

    [Fact]
    public void A_failed_replica_takes_no_part_in_later_views()
    {
        GivenStandby();
        Step(new ReplicaInput.StorageFailed("I/O error"));

        Spelled.Equal([], Sees(ViewOf(2, ReplicaA)));
        Spelled.Equal([NotPrimary(7)], Writes(7));
        Spelled.Equal([], Step(new ReplicaInput.StorageFailed("again")));
        Assert.Equal("I/O error", Replica.Trouble);
    }
}

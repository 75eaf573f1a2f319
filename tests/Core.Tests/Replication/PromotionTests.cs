using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

public sealed class PromotionTests : ReplicaStories
{
    [Fact]
    public void A_promoted_standby_keeps_its_tail_behind_a_barrier_of_its_epoch()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 2));
        Persisted(1, 3);

        Spelled.Equal(
            [
                Became(ReplicaRole.Promoting, 2),
                Append(Barrier(2, 4)),
                Send(C, Replicate(2, Pos(1, 3), [Barrier(2, 4)], 2)),
            ],
            Sees(ViewOf(2, ReplicaA, ReplicaC))
        );
    }

    [Fact]
    public void Nothing_older_counts_before_the_barrier_is_committed()
    {
        GivenPromoting();

        // Everybody holds entry 3 of the old epoch, but not the barrier.
        Spelled.Equal([], Persisted(1, 3));
        Spelled.Equal([], Acks(ReplicaC, 3, epoch: 2));
        Assert.Equal((ReplicaRole.Promoting, 2), (Replica.Role, Replica.Commit));
    }

    [Fact]
    public void With_its_barrier_committed_a_primary_serves()
    {
        GivenPromoting();
        Now += Ms(3);
        Persisted(2, 4);

        Spelled.Equal(
            [Became(ReplicaRole.Primary, 2), new ReplicaEffect.Serving(new(2), Ms(3)), Send(C, News(2, Pos(2, 4), 4))],
            Acks(ReplicaC, 4, epoch: 2)
        );
        Assert.Equal(3, Replica.Committed["k"].Version);
    }

    [Fact]
    public void A_promoted_replica_alone_serves_as_soon_as_its_barrier_is_stored()
    {
        GivenStandby();
        Sees(ViewOf(2, ReplicaA));

        Spelled.Equal([Became(ReplicaRole.Primary, 2), new ReplicaEffect.Serving(new(2), Ms(0))], Persisted(2, 2));
    }

    [Fact]
    public void In_memory_mode_a_promoted_replica_alone_serves_at_once()
    {
        Options = Options with { Durable = false };
        GivenStandby();

        Spelled.Equal(
            [
                Became(ReplicaRole.Promoting, 2),
                Became(ReplicaRole.Primary, 2),
                new ReplicaEffect.Serving(new(2), Ms(0)),
            ],
            Sees(ViewOf(2, ReplicaA))
        );
    }

    [Fact]
    public void Requests_wait_for_the_barrier_instead_of_failing()
    {
        GivenPromoting();
        Spelled.Equal([], Writes(7, "x"));
        Spelled.Equal([], ReadsKey(8));
        Holds(lease: 300);
        Persisted(2, 4);

        Spelled.Equal(
            [
                Became(ReplicaRole.Primary, 2),
                new ReplicaEffect.Serving(new(2), Ms(0)),
                ScheduleFlush,
                Found(8, 3),
                Send(C, News(2, Pos(2, 4), 4)),
            ],
            Acks(ReplicaC, 4, epoch: 2)
        );
    }

    [Fact]
    public void Whoever_waits_for_the_barrier_is_sent_on_when_another_primary_is_named()
    {
        GivenPromoting();
        Writes(7, "x");

        Spelled.Equal(
            [NotPrimary(7), Became(ReplicaRole.Standby, 3), AttachTo(C, 3, Pos(2, 4), Starts(1, 1), Starts(2, 4))],
            Sees(ViewOf(3, ReplicaC, ReplicaA))
        );
    }

    [Fact]
    public void A_view_that_was_seen_already_does_not_promote_again()
    {
        GivenPromoting();

        Spelled.Equal([], Step(new ReplicaInput.ViewCommitted(ViewOf(2, ReplicaA, ReplicaC), 1)));
        Assert.Equal(Pos(2, 4), Replica.Last);
    }

    [Fact]
    public void A_primary_that_is_promoted_again_writes_another_barrier()
    {
        GivenPrimary();

        Spelled.Equal([Became(ReplicaRole.Promoting, 2), Append(Barrier(2, 2))], Sees(ViewOf(2, ReplicaA)));
    }

    [Fact]
    public void Writes_of_the_old_epoch_are_sent_on_and_never_answered_by_the_new_one()
    {
        GivenPrimary();
        Writes(7);
        Flushes();

        Spelled.Equal(
            [NotPrimary(7), Became(ReplicaRole.Promoting, 2), Append(Barrier(2, 3))],
            Sees(ViewOf(2, ReplicaA))
        );
        Spelled.Equal([Became(ReplicaRole.Primary, 2), new ReplicaEffect.Serving(new(2), Ms(0))], Persisted(2, 3));
    }
}

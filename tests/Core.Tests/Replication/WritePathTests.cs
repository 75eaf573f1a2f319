using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

public sealed class WritePathTests : ReplicaStories
{
    [Fact]
    public void A_write_is_logged_replicated_and_answered_when_every_in_sync_replica_holds_it()
    {
        GivenPrimary(ReplicaB, ReplicaC);
        Spelled.Equal([ScheduleFlush], Writes(7));

        var sent = Replicate(1, Pos(1, 1), [Put(1, 2)], 1);
        Spelled.Equal([Append(Put(1, 2)), Send(B, sent), Send(C, sent)], Flushes());

        Spelled.Equal([], Persisted(1, 2));
        Spelled.Equal([], Acks(ReplicaB, 2));
        Spelled.Equal(
            [Created(7, 2), Send(B, News(1, Pos(1, 2), 2)), Send(C, News(1, Pos(1, 2), 2))],
            Acks(ReplicaC, 2)
        );
    }

    [Fact]
    public void The_primarys_own_disk_counts_like_any_other()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();

        Spelled.Equal([], Acks(ReplicaB, 2));
        Spelled.Equal([Created(7, 2), Send(B, News(1, Pos(1, 2), 2))], Persisted(1, 2));
    }

    [Fact]
    public void In_memory_mode_no_storage_is_asked_or_waited_for()
    {
        Options = Options with { Durable = false };
        GivenPrimary(ReplicaB);
        Writes(7);

        Spelled.Equal([Send(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1))], Flushes());
        Spelled.Equal([Created(7, 2), Send(B, News(1, Pos(1, 2), 2))], Acks(ReplicaB, 2));
    }

    [Fact]
    public void A_primary_alone_waits_for_nobody_but_its_disk()
    {
        GivenPrimary();
        Writes(7);

        Spelled.Equal([Append(Put(1, 2))], Flushes());
        Spelled.Equal([Created(7, 2)], Persisted(1, 2));
    }

    [Fact]
    public void Everything_queued_before_the_marker_is_one_batch()
    {
        GivenPrimary(ReplicaB);
        Spelled.Equal([ScheduleFlush], Writes(7, "x"));
        Spelled.Equal([], Writes(8, "y"));

        Spelled.Equal(
            [
                Append(Put(1, 2, "x"), Put(1, 3, "y")),
                Send(B, Replicate(1, Pos(1, 1), [Put(1, 2, "x"), Put(1, 3, "y")], 1)),
            ],
            Flushes()
        );
        Spelled.Equal([ScheduleFlush], Writes(9));
    }

    [Fact]
    public void A_marker_without_writes_does_nothing()
    {
        GivenPrimary(ReplicaB);

        Spelled.Equal([], Flushes());
    }

    [Fact]
    public void What_arrives_while_a_batch_is_under_way_goes_into_the_next()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Writes(8, "y");
        Writes(9, "z");

        Spelled.Equal([Append(Put(1, 3, "y"), Put(1, 4, "z"))], Flushes());

        Spelled.Equal([Send(B, Replicate(1, Pos(1, 2), [Put(1, 3, "y"), Put(1, 4, "z")], 1))], Acks(ReplicaB, 2));
    }

    [Fact]
    public void A_batch_ends_at_the_limit_of_entries()
    {
        Options = Options with { BatchEntries = 2 };
        GivenPrimary(ReplicaB);
        Writes(7);
        Writes(8);
        Writes(9);

        Spelled.Equal(
            [Append(Put(1, 2), Put(1, 3), Put(1, 4)), Send(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 1))],
            Flushes()
        );
        Spelled.Equal([Send(B, Replicate(1, Pos(1, 3), [Put(1, 4)], 1))], Acks(ReplicaB, 3));
    }

    [Fact]
    public void Answers_come_in_the_order_of_the_log()
    {
        GivenPrimary(ReplicaB);
        Writes(7, "x");
        Flushes();
        Writes(8, "y");
        Flushes();
        Acks(ReplicaB, 2);

        Acks(ReplicaB, 3);

        Spelled.Equal([Created(7, 2), Created(8, 3), Send(B, News(1, Pos(1, 3), 3))], Persisted(1, 3));
    }

    [Fact]
    public void An_acknowledgement_of_part_of_a_batch_commits_that_part()
    {
        GivenPrimary(ReplicaB);
        Writes(7, "x");
        Writes(8, "y");
        Flushes();

        Spelled.Equal([], Acks(ReplicaB, 3));
        Spelled.Equal([Created(7, 2), Send(B, News(1, Pos(1, 3), 2))], Persisted(1, 2));
        Assert.Equal(2, Replica.Commit);
    }

    [Fact]
    public void An_acknowledgement_that_was_overtaken_takes_nothing_back()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Acks(ReplicaB, 2);
        Acks(ReplicaB, 1);

        Spelled.Equal([Created(7, 2), Send(B, News(1, Pos(1, 2), 2))], Persisted(1, 2));
    }

    [Fact]
    public void The_storages_answer_about_entries_that_are_stored_already_changes_nothing()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Acks(ReplicaB, 2);

        Spelled.Equal([], Persisted(1, 1));
        Assert.Equal(1, Replica.Commit);
    }

    [Fact]
    public void An_acknowledgement_of_somebody_unknown_counts_for_nothing()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);

        Spelled.Equal([], Acks(NewReplicaB, 2));
        Assert.Equal(1, Replica.Commit);
    }
}

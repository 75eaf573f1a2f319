using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>How a primary brings a replica up to date, entry by entry, and how that replica takes it.</summary>
public sealed class CatchUpTests : ReplicaStories
{
    [Fact]
    public void An_empty_replica_gets_the_whole_log()
    {
        GivenPrimaryWithTwoWrites();

        Spelled.Equal(
            [Send(C, Replicate(1, Position.Zero, [Barrier(1, 1), Put(1, 2), Put(1, 3)], 3, confirm: true))],
            Attaches(ReplicaC, Position.Zero)
        );
    }

    [Fact]
    public void A_replica_that_was_away_gets_what_it_missed()
    {
        GivenPrimaryWithTwoWrites();

        Spelled.Equal(
            [Send(C, Replicate(1, Pos(1, 2), [Put(1, 3)], 3, confirm: true))],
            Attaches(ReplicaC, Pos(1, 2), Starts(1, 1))
        );
    }

    [Fact]
    public void A_replica_that_misses_nothing_is_asked_to_say_so()
    {
        GivenPrimaryWithTwoWrites();

        Spelled.Equal(
            [Send(C, Replicate(1, Pos(1, 3), [], 3, confirm: true))],
            Attaches(ReplicaC, Pos(1, 3), Starts(1, 1))
        );
    }

    [Fact]
    public void A_replica_whose_tail_diverged_is_served_from_where_the_logs_part()
    {
        GivenPromoting();
        Persisted(2, 4);

        // c wrote on in epoch 1 what a never saw.
        Spelled.Equal(
            [Send(C, Replicate(2, Pos(1, 3), [Barrier(2, 4)], 2, confirm: true))],
            Attaches(ReplicaC, Pos(1, 9), Starts(1, 1))
        );
    }

    [Fact]
    public void A_diverged_tail_is_cut_before_the_primarys_entries_are_stored()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 1));
        Persisted(1, 3);
        Sees(ViewOf(2, ReplicaC, ReplicaA));

        Spelled.Equal(
            [new ReplicaEffect.TruncateAfter(2), Append(Barrier(2, 3))],
            Receives(C, Replicate(2, Pos(1, 1), [Put(1, 2), Barrier(2, 3)], 1, confirm: true))
        );
        Spelled.Equal([AckTo(C, 2, 3)], Persisted(2, 3));
    }

    [Fact]
    public void That_a_cut_entry_is_stored_says_nothing_about_the_one_in_its_place()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));
        Sees(ViewOf(2, ReplicaC, ReplicaA));
        Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1));

        Spelled.Equal([], Persisted(1, 2));
        Spelled.Equal([AckTo(C, 2, 2)], Persisted(2, 2));
    }

    [Fact]
    public void What_an_older_primary_left_behind_is_not_applied_on_a_newer_ones_word()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));
        Persisted(1, 2);
        Sees(ViewOf(2, ReplicaC, ReplicaA));

        // The new primary's entry 2 is another one; so far it has only spoken of entry 1.
        Receives(C, News(2, Pos(1, 1), 2));

        Assert.Equal(1, Replica.Commit);
        Assert.Empty(Replica.Committed);
    }

    [Fact]
    public void What_an_older_primary_left_behind_is_not_acknowledged_to_a_newer_one()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));
        Persisted(1, 2);
        Sees(ViewOf(2, ReplicaC, ReplicaA));

        Spelled.Equal([AckTo(C, 2, 1)], Receives(C, Replicate(2, Pos(1, 1), [], 1, confirm: true)));
    }

    [Fact]
    public void A_replica_that_asks_again_is_served_anew()
    {
        GivenPrimaryWithTwoWrites();
        Attaches(ReplicaC, Position.Zero);

        Spelled.Equal(
            [Send(C, Replicate(1, Pos(1, 2), [Put(1, 3)], 3, confirm: true))],
            Attaches(ReplicaC, Pos(1, 2), Starts(1, 1))
        );
    }

    [Fact]
    public void A_replica_that_has_more_to_get_gets_it_batch_by_batch()
    {
        Options = Options with { BatchEntries = 2 };
        GivenPrimaryWithTwoWrites();

        Spelled.Equal(
            [Send(C, Replicate(1, Position.Zero, [Barrier(1, 1), Put(1, 2)], 3, confirm: true))],
            Attaches(ReplicaC, Position.Zero)
        );
        Spelled.Equal([Send(C, Replicate(1, Pos(1, 2), [Put(1, 3)], 3))], Acks(ReplicaC, 2));
    }

    private void GivenPrimaryWithTwoWrites()
    {
        GivenPrimary();
        Writes(7);
        Writes(8);
        Flushes();
        Persisted(1, 3);
        Assert.Equal(3, Replica.Commit);
    }
}

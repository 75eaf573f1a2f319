using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>The standby's part of the write path.</summary>
public sealed class FollowerTests : ReplicaStories
{
    [Fact]
    public void Entries_are_acknowledged_only_when_the_storage_holds_them()
    {
        GivenStandby();

        Spelled.Equal([Append(Put(1, 2))], Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1)));

        Spelled.Equal([AckTo(B, 1, 2)], Persisted(1, 2));
        Assert.Equal(1, Replica.Commit);
    }

    [Fact]
    public void In_memory_mode_entries_are_acknowledged_at_once()
    {
        Options = Options with { Durable = false };
        GivenStandby();

        Spelled.Equal([AckTo(B, 1, 2)], Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1)));
    }

    [Fact]
    public void A_partly_stored_batch_is_not_acknowledged_yet()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 1));

        Spelled.Equal([], Persisted(1, 2));
        Spelled.Equal([AckTo(B, 1, 3)], Persisted(1, 3));
    }

    [Fact]
    public void What_the_primary_calls_committed_is_applied()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));
        Assert.Empty(Replica.Committed);

        Spelled.Equal([], Receives(B, News(1, Pos(1, 2), 2)));

        Assert.Equal(2, Replica.Committed["k"].Version);
    }

    [Fact]
    public void Nothing_beyond_what_is_held_is_applied()
    {
        GivenStandby();

        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], commit: 9));

        Assert.Equal(2, Replica.Commit);
    }

    [Fact]
    public void A_batch_that_came_before_is_acknowledged_again_and_not_stored_again()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));
        Persisted(1, 2);

        Spelled.Equal([AckTo(B, 1, 2)], Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1)));
    }

    [Fact]
    public void Of_a_batch_that_came_in_part_only_the_rest_is_stored()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1));

        Spelled.Equal([Append(Put(1, 3))], Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 1)));
        Spelled.Equal([AckTo(B, 1, 3)], Persisted(1, 3));
    }

    [Fact]
    public void A_batch_that_leaves_a_gap_is_answered_by_asking_for_what_is_missing()
    {
        GivenStandby();

        Spelled.Equal([AttachTo(B, 1, Pos(1, 1), Starts(1, 1))], Receives(B, Replicate(1, Pos(1, 4), [Put(1, 5)], 4)));
        Assert.Equal(Pos(1, 1), Replica.Last);
    }

    [Fact]
    public void A_sign_of_life_that_is_asked_for_is_given_at_once()
    {
        GivenStandby();

        Spelled.Equal([AckTo(B, 1, 1)], Receives(B, Replicate(1, Pos(1, 1), [], 1, confirm: true)));
    }

    [Fact]
    public void A_standby_serves_nobody()
    {
        GivenStandby();

        Spelled.Equal([NotPrimary(7)], Writes(7));
        Spelled.Equal([NotPrimary(8)], ReadsKey(8));
        Spelled.Equal([NotPrimary(9)], SwitchesOver(9));
    }

    [Fact]
    public void A_standby_that_hears_nothing_asks_the_primary_again()
    {
        GivenStandby();
        Assert.Equal(Now + Ms(2_000), Replica.NextDeadline);

        Spelled.Equal([], After(1_999));
        Spelled.Equal([AttachTo(B, 1, Pos(1, 1), Starts(1, 1))], After(1));
        Spelled.Equal([AttachTo(B, 1, Pos(1, 1), Starts(1, 1))], After(100));
    }

    [Fact]
    public void Whatever_the_primary_sends_puts_off_asking_again()
    {
        GivenStandby();
        Now += Ms(1_500);

        Receives(B, News(1, Pos(1, 1), 1));

        Assert.Equal(Now + Ms(2_000), Replica.NextDeadline);
    }

    [Fact]
    public void A_standby_dropped_from_the_in_sync_set_asks_to_come_back()
    {
        GivenStandby();

        Spelled.Equal(
            [Became(ReplicaRole.Joining, 1), AttachTo(B, 1, Pos(1, 1), Starts(1, 1))],
            Sees(ViewOf(1, ReplicaB))
        );
        Spelled.Equal([Became(ReplicaRole.Standby, 1)], Sees(ViewOf(1, ReplicaB, ReplicaA)));
    }
}

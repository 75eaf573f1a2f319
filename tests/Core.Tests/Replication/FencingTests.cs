using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>An older epoch is refused in the data path, and the refusal makes its primary step down.</summary>
public sealed class FencingTests : ReplicaStories
{
    private static ReplicaMessage.Fenced Fenced(long epoch, ReplicaId from) => new(new(epoch), from);

    [Fact]
    public void An_older_primary_is_told_so_and_its_entries_are_not_taken()
    {
        GivenStandby();
        Sees(ViewOf(2, ReplicaC, ReplicaA));

        Spelled.Equal([Send(B, Fenced(2, ReplicaA))], Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 1)));
        Spelled.Equal(
            [Send(B, Fenced(2, ReplicaA))],
            Receives(B, new ReplicaMessage.SnapshotPart(new(1), Pos(1, 9), 0, true, [], [], []))
        );
        Assert.Equal(Pos(1, 1), Replica.Last);
    }

    [Fact]
    public void A_new_primary_fences_the_old_one_too()
    {
        GivenPromoting();

        Spelled.Equal([Send(B, Fenced(2, ReplicaA))], Receives(B, Replicate(1, Pos(1, 3), [Put(1, 4)], 3)));
    }

    [Fact]
    public void Late_words_of_an_older_epochs_followers_need_no_answer()
    {
        GivenPromoting();

        Spelled.Equal([], Acks(ReplicaC, 4, epoch: 1));
        Spelled.Equal([], Receives(C, new ReplicaMessage.Attach(new(1), ReplicaC, [], Position.Zero)));
        Spelled.Equal([], Receives(C, new ReplicaMessage.SnapshotAck(new(1), ReplicaC, Pos(1, 1), 0)));
        Spelled.Equal([], Receives(C, Fenced(1, ReplicaC)));
        Assert.Equal(2, Replica.Commit);
    }

    [Fact]
    public void A_fenced_primary_steps_down_and_sends_everybody_on()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Writes(8);

        Spelled.Equal(
            [
                Noted("fenced by epoch 2: no longer primary"),
                NotPrimary(7),
                NotPrimary(8),
                Became(ReplicaRole.Joining, 1),
            ],
            Receives(B, Fenced(2, ReplicaB))
        );
        Spelled.Equal([NotPrimary(9)], Writes(9));
        Spelled.Equal([], Persisted(1, 2));
        Spelled.Equal([], Acks(ReplicaB, 2));
    }

    [Fact]
    public void Any_word_from_a_newer_epoch_fences()
    {
        GivenPrimary(ReplicaB);

        Spelled.Equal(
            [Noted("fenced by epoch 2: no longer primary"), Became(ReplicaRole.Joining, 1)],
            Receives(B, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1))
        );
    }

    [Fact]
    public void A_fenced_primary_does_not_serve_again_in_its_epoch()
    {
        GivenPrimary(ReplicaB);
        Receives(B, Fenced(2, ReplicaB));

        Spelled.Equal([], Sees(ViewOf(1, ReplicaA)));
        Spelled.Equal([], Holds(lease: 300));
        Spelled.Equal([NotPrimary(7)], ReadsKey(7));
    }

    [Fact]
    public void A_fenced_primary_follows_the_new_one_once_its_view_arrives()
    {
        GivenPrimary(ReplicaB);
        Receives(B, Fenced(2, ReplicaB));

        Spelled.Equal(
            [Became(ReplicaRole.Joining, 2), AttachTo(B, 2, Pos(1, 1), Starts(1, 1))],
            Sees(ViewOf(2, ReplicaB))
        );
    }

    [Fact]
    public void A_message_that_overtook_its_view_is_taken_up_when_the_view_arrives()
    {
        GivenStandby();
        Spelled.Equal([], Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1)));

        Spelled.Equal(
            [Became(ReplicaRole.Standby, 2), AttachTo(C, 2, Pos(1, 1), Starts(1, 1)), Append(Barrier(2, 2))],
            Sees(ViewOf(2, ReplicaC, ReplicaA))
        );
        Spelled.Equal([AckTo(C, 2, 2)], Persisted(2, 2));
    }

    [Fact]
    public void A_message_that_overtook_another_view_is_forgotten()
    {
        GivenStandby();
        Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1));

        Spelled.Equal(
            [Became(ReplicaRole.Standby, 3), AttachTo(B, 3, Pos(1, 1), Starts(1, 1))],
            Sees(ViewOf(3, ReplicaB, ReplicaA))
        );
    }

    [Fact]
    public void A_follower_that_asks_before_the_new_primary_knows_its_view_is_served_when_it_does()
    {
        GivenStandby();
        Spelled.Equal([], Receives(C, new ReplicaMessage.Attach(new(2), ReplicaC, [Starts(1, 1)], Pos(1, 1))));

        Spelled.Equal(
            [
                Became(ReplicaRole.Promoting, 2),
                Append(Barrier(2, 2)),
                Send(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1, confirm: true)),
            ],
            Sees(ViewOf(2, ReplicaA))
        );
    }
}

using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>A replica whose log shares too little with the primary's gets the map itself, part by part.</summary>
public sealed class SnapshotTests : ReplicaStories
{
    private static readonly KeyValuePair<string, StoredValue> K = new("k", new("1", 4));

    // ---- the primary's side

    [Fact]
    public void A_replica_that_needs_what_is_no_longer_kept_gets_a_snapshot_and_the_entries_behind_it()
    {
        GivenPrimaryThatKeepsLittle();

        Spelled.Equal([Send(C, Part(0, false, K))], Attaches(ReplicaC, Position.Zero));
        Spelled.Equal([Send(C, FinalPart(1))], AcksPart(0));
        Spelled.Equal([], AcksPart(1));

        Writes(9);
        Flushes();
        Spelled.Equal([Propose(Add(ReplicaC)), Send(C, Replicate(1, Pos(1, 4), [Put(1, 5)], 4))], Acks(ReplicaC, 4));
    }

    [Fact]
    public void A_lost_part_is_sent_again()
    {
        GivenPrimaryThatKeepsLittle();
        Attaches(ReplicaC, Position.Zero);

        Spelled.Equal([Send(C, Part(0, false, K))], After(100));
        Spelled.Equal([Send(C, FinalPart(1))], AcksPart(0));
        Spelled.Equal([], AcksPart(0));
        Spelled.Equal([Send(C, FinalPart(1))], After(100));
    }

    [Fact]
    public void While_a_snapshot_is_under_way_asking_again_does_not_start_it_anew()
    {
        GivenPrimaryThatKeepsLittle();
        Attaches(ReplicaC, Position.Zero);
        AcksPart(0);

        Spelled.Equal([], Attaches(ReplicaC, Position.Zero));
    }

    [Fact]
    public void Storing_a_snapshot_may_take_longer_than_any_other_answer()
    {
        GivenPrimaryThatKeepsLittle();
        Attaches(ReplicaC, Position.Zero);
        AcksPart(0);
        AcksPart(1);

        Spelled.Equal([Send(C, Replicate(1, Pos(1, 4), [], 4, confirm: true))], After(100));
        Spelled.Equal([Send(C, Replicate(1, Pos(1, 4), [], 4, confirm: true))], After(5_000));
        Spelled.Equal([Propose(Add(ReplicaC))], Acks(ReplicaC, 4));
    }

    [Fact]
    public void A_replica_that_never_stores_its_snapshot_is_given_up()
    {
        GivenPrimaryThatKeepsLittle();
        Attaches(ReplicaC, Position.Zero);
        AcksPart(0);
        AcksPart(1);

        Spelled.Equal([], After(10_000));
        Spelled.Equal([], Acks(ReplicaC, 4));
    }

    [Fact]
    public void What_comes_behind_a_snapshot_is_kept_until_it_is_there_though_writes_go_on()
    {
        GivenPrimaryThatKeepsLittle();
        Attaches(ReplicaC, Position.Zero);
        for (var i = 5; i <= 9; i++)
        {
            Writes(i);
            Flushes();
            Persisted(1, i);
        }

        AcksPart(0);
        AcksPart(1);

        Assert.Contains(Send(C, Replicate(1, Pos(1, 4), [Put(1, 5)], 9)), Acks(ReplicaC, 4));
    }

    [Fact]
    public void More_than_a_bounded_amount_is_kept_for_nobody()
    {
        Options = Options with { RetainedBytes = 40 };
        GivenPrimaryThatKeepsLittle();
        Attaches(ReplicaC, Position.Zero);
        for (var i = 5; i <= 9; i++)
        {
            Writes(i);
            Flushes();
            Persisted(1, i);
        }

        AcksPart(0);
        AcksPart(1);

        Assert.IsType<ReplicaMessage.SnapshotPart>(Acks(ReplicaC, 4).OfType<ReplicaEffect.Send>().Single().Message);
    }

    // ---- the joining replica's side

    [Fact]
    public void Parts_are_confirmed_one_by_one_and_the_last_installs_the_whole()
    {
        GivenJoining();

        Spelled.Equal([ConfirmPart(0)], Receives(B, Part(0, false, K)));
        Assert.Empty(Replica.Committed);

        Spelled.Equal(
            [
                ConfirmPart(1),
                new ReplicaEffect.Install(
                    new Snapshot(
                        Pos(1, 4),
                        [Starts(1, 1)],
                        ImmutableDictionary<string, StoredValue>.Empty.Add(K.Key, K.Value),
                        []
                    )
                ),
            ],
            Receives(B, FinalPart(1))
        );
        Assert.Equal((Pos(1, 4), 4), (Replica.Last, Replica.Commit));
        Assert.Equal(K.Value, Replica.Committed["k"]);

        Spelled.Equal([AckTo(B, 1, 4)], Persisted(1, 4));
        Spelled.Equal([Append(Put(1, 5))], Receives(B, Replicate(1, Pos(1, 4), [Put(1, 5)], 4)));
    }

    [Fact]
    public void In_memory_mode_a_snapshot_is_held_at_once()
    {
        Options = Options with { Durable = false };
        GivenJoining();

        Spelled.Equal([ConfirmPart(0), AckTo(B, 1, 4)], Receives(B, FinalPart(0, K)));
    }

    [Fact]
    public void A_part_that_came_before_is_confirmed_again_and_not_added_again()
    {
        GivenJoining();
        Receives(B, Part(0, false, K));

        Spelled.Equal([ConfirmPart(0)], Receives(B, Part(0, false, K)));
        Receives(B, FinalPart(1));

        Assert.Single(Replica.Committed);
    }

    [Fact]
    public void A_part_out_of_turn_makes_the_replica_ask_anew()
    {
        GivenJoining();

        Spelled.Equal([AttachTo(B, 1, Position.Zero)], Receives(B, FinalPart(1)));
        Receives(B, Part(0, false, K));
        Spelled.Equal([AttachTo(B, 1, Position.Zero)], Receives(B, Part(2, false)));
    }

    [Fact]
    public void Another_snapshot_replaces_a_half_received_one()
    {
        GivenJoining();
        Receives(B, Part(0, false, new KeyValuePair<string, StoredValue>("old", new("1", 2))));
        var later = new ReplicaMessage.SnapshotPart(new(1), Pos(1, 9), 0, true, [K], [Starts(1, 1)], []);

        Receives(B, later);

        Assert.Equal(Pos(1, 9), Replica.Last);
        Assert.Equal(["k"], Replica.Committed.Keys);
    }

    [Fact]
    public void A_snapshot_that_was_overtaken_by_what_followed_it_takes_nothing_back()
    {
        GivenJoining();
        Receives(B, FinalPart(0, K));
        Persisted(1, 4);
        Receives(B, Replicate(1, Pos(1, 4), [Put(1, 5)], 4));
        Persisted(1, 5);

        // A second copy of the snapshot, sent before its confirmation arrived, comes late.
        Spelled.Equal([AttachTo(B, 1, Pos(1, 5), Starts(1, 1))], Receives(B, FinalPart(0, K)));

        Assert.Equal(Pos(1, 5), Replica.Last);
    }

    [Fact]
    public void Sessions_come_along_with_a_snapshot()
    {
        Options = Options with { Durable = false };
        GivenJoining();
        var session = new SessionRecord("x", 0, Pos(1, 4), [new(1, new CommandResult.Stored(4, true))], Position.Zero);
        Receives(B, new ReplicaMessage.SnapshotPart(new(1), Pos(1, 4), 0, true, [K], [Starts(1, 1)], [session]));

        Sees(ViewOf(2, ReplicaA));
        Holds(lease: 300);
        Writes(7, "k", Session(1));

        Spelled.Equal([Created(7, 4, epoch: 2)], Flushes());
    }

    private void GivenJoining()
    {
        GivenStarted();
        Reads(ViewOf(1, ReplicaB));
    }

    /// <summary>Four entries, all committed; only the last is kept, and parts hold one key.</summary>
    private void GivenPrimaryThatKeepsLittle()
    {
        Options = Options with { RetainedEntries = 1, BatchBytes = 1 };
        GivenPrimary();
        for (var i = 2; i <= 4; i++)
        {
            Writes(i);
            Flushes();
            Persisted(1, i);
        }
    }

    private ImmutableArray<ReplicaEffect> AcksPart(int index) =>
        Receives(C, new ReplicaMessage.SnapshotAck(new(1), ReplicaC, Pos(1, 4), index));

    private static ReplicaEffect ConfirmPart(int index) =>
        Send(B, new ReplicaMessage.SnapshotAck(new(1), ReplicaA, Pos(1, 4), index));

    private static ReplicaMessage.SnapshotPart Part(
        int index,
        bool final,
        params KeyValuePair<string, StoredValue>[] entries
    ) => new(new(1), Pos(1, 4), index, final, [.. entries], final ? [Starts(1, 1)] : [], []);

    private static ReplicaMessage.SnapshotPart FinalPart(
        int index,
        params KeyValuePair<string, StoredValue>[] entries
    ) => Part(index, true, entries);
}

using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>A restarted node never serves or replicates on its own memory.</summary>
public sealed class RestartTests : ReplicaStories
{
    private static readonly LogEntry[] Stored = [Barrier(1, 1), Put(1, 2), Put(1, 3)];

    [Fact]
    public void A_starting_replica_takes_no_part()
    {
        GivenStarted(Stored);

        Spelled.Equal([], Sees(ViewOf(2, ReplicaA)));
        Spelled.Equal([], Receives(B, Replicate(1, Pos(1, 3), [Put(1, 4)], 3)));
        Spelled.Equal([NotPrimary(7)], Writes(7));
        Assert.Equal((ReplicaRole.Starting, 0), (Replica.Role, Replica.Commit));
        Assert.Null(Replica.NextDeadline);
    }

    [Fact]
    public void Nothing_that_was_stored_is_shown_as_committed_before_a_primary_says_so()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaB, ReplicaA));
        Assert.Empty(Replica.Committed);

        Receives(B, News(1, Pos(1, 3), 3));

        Assert.Equal(3, Replica.Committed["k"].Version);
    }

    [Fact]
    public void A_restarted_standby_asks_the_primary_first()
    {
        GivenStarted(Stored);

        Spelled.Equal(
            [Became(ReplicaRole.Standby, 1), AttachTo(B, 1, Pos(1, 3), Starts(1, 1))],
            Reads(ViewOf(1, ReplicaB, ReplicaA))
        );
    }

    [Fact]
    public void A_restarted_primary_is_a_candidate_that_serves_nobody()
    {
        GivenStarted(Stored);

        Spelled.Equal([Became(ReplicaRole.Candidate, 1)], Reads(ViewOf(1, ReplicaA, ReplicaB)));

        Spelled.Equal([NotPrimary(7)], Writes(7));
        Spelled.Equal([NotPrimary(8)], ReadsKey(8));
        Spelled.Equal([NotPrimary(9)], SwitchesOver(9));
        Spelled.Equal([], Holds(lease: 300));
        Spelled.Equal([], Attaches(ReplicaB, Position.Zero));
        Assert.Null(Replica.NextDeadline);
    }

    [Fact]
    public void A_candidate_stays_one_through_later_views_of_the_same_epoch()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaA, ReplicaB));

        Spelled.Equal([], Sees(ViewOf(1, ReplicaA)));
        Assert.Equal(ReplicaRole.Candidate, Replica.Role);
    }

    [Fact]
    public void A_candidate_leads_when_it_is_promoted_anew()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaA));

        Spelled.Equal([Became(ReplicaRole.Promoting, 2), Append(Barrier(2, 4))], Sees(ViewOf(2, ReplicaA)));
        Spelled.Equal([Became(ReplicaRole.Primary, 2), new ReplicaEffect.Serving(new(2), Ms(0))], Persisted(2, 4));
    }

    [Fact]
    public void A_candidate_follows_when_another_is_promoted()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaA, ReplicaB));

        Spelled.Equal(
            [Became(ReplicaRole.Joining, 2), AttachTo(B, 2, Pos(1, 3), Starts(1, 1))],
            Sees(ViewOf(2, ReplicaB))
        );
    }

    [Fact]
    public void Where_no_formation_exists_a_replica_waits_to_be_named()
    {
        GivenStarted();
        Spelled.Equal([Became(ReplicaRole.Joining, 0)], Reads(null));
        Assert.Null(Replica.NextDeadline);

        Spelled.Equal([Became(ReplicaRole.Promoting, 1), Append(Barrier(1, 1))], Sees(ViewOf(1, ReplicaA)));
    }

    [Fact]
    public void The_formation_is_read_once()
    {
        GivenPrimary();

        Spelled.Equal([], Reads(ViewOf(1, ReplicaA)));
        Assert.Equal(ReplicaRole.Primary, Replica.Role);
    }

    [Fact]
    public void A_replica_starts_from_its_snapshot_and_the_entries_behind_it()
    {
        GivenPrimary();
        Writes(7, "x", Session(1));
        Flushes();
        Persisted(1, 2);
        var snapshot = Replica.TakeSnapshot();
        Spelled.Same(
            new Snapshot(
                Pos(1, 2),
                [Starts(1, 1)],
                ImmutableDictionary<string, StoredValue>.Empty.Add("x", new StoredValue("1", 2)),
                [new SessionRecord("x", 0, Pos(1, 2), [new(1, new CommandResult.Stored(2, true))], Position.Zero)]
            ),
            snapshot
        );

        var restarted = new Replica(Options, snapshot, [Put(1, 3)]);

        Assert.Equal((Pos(1, 3), 2), (restarted.Last, restarted.Commit));
        Spelled.Same(snapshot, restarted.TakeSnapshot());
    }

    [Fact]
    public void A_snapshot_stands_for_what_is_committed_only()
    {
        GivenPromoting();

        Spelled.Same(
            new Snapshot(
                Pos(1, 2),
                [Starts(1, 1)],
                ImmutableDictionary<string, StoredValue>.Empty.Add("k", new StoredValue("1", 2)),
                []
            ),
            Replica.TakeSnapshot()
        );
    }
}

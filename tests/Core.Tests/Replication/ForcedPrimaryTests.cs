using Failover.Core.Replication;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>An operator forced a primary that lacks what this replica holds as committed: its data is what was lost.</summary>
public sealed class ForcedPrimaryTests : ReplicaStories
{
    private static ReplicaEffect StartsOver => new ReplicaEffect.Install(Snapshot.Empty);

    private static ReplicaEffect GivesUp => Noted("gives up entries up to 1:3 that the forced primary c does not have");

    public ForcedPrimaryTests()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 3));
        Persisted(1, 3);
        Sees(ViewOf(2, ReplicaC));
        Assert.Equal((ReplicaRole.Joining, 3), (Replica.Role, Replica.Commit));
    }

    [Fact]
    public void Entries_that_contradict_what_is_committed_make_a_replica_start_over()
    {
        Spelled.Equal(
            [new ReplicaEffect.Lost(2), GivesUp, StartsOver, AttachTo(C, 2, Position.Zero)],
            Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1))
        );
        Assert.Equal((Position.Zero, 0), (Replica.Last, Replica.Commit));
        Assert.Empty(Replica.Committed);
    }

    [Fact]
    public void A_beginning_that_contradicts_what_is_committed_does_so_too() =>
        Spelled.Equal(
            [new ReplicaEffect.Lost(2), GivesUp, StartsOver, AttachTo(C, 2, Position.Zero)],
            Receives(C, Replicate(2, Pos(2, 2), [Barrier(2, 3)], 1))
        );

    [Fact]
    public void It_takes_the_new_primarys_whole_log_from_there()
    {
        Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1));

        Spelled.Equal(
            [Append(Barrier(1, 1), Barrier(2, 2))],
            Receives(C, Replicate(2, Position.Zero, [Barrier(1, 1), Barrier(2, 2)], 2, confirm: true))
        );
        Spelled.Equal([], Persisted(1, 3));
        Spelled.Equal([AckTo(C, 2, 2)], Persisted(2, 2));
        Assert.Empty(Replica.Committed);
    }

    [Fact]
    public void A_replica_in_sync_gives_up_its_role_rather_than_what_it_holds()
    {
        Sees(ViewOf(2, ReplicaC, ReplicaA));

        Assert.Throws<InvariantViolatedException>(() => Receives(C, Replicate(2, Pos(1, 1), [Barrier(2, 2)], 1)));

        Assert.Equal((Pos(1, 3), 3), (Replica.Last, Replica.Commit));
    }

    [Fact]
    public void A_beginning_that_is_merely_unknown_is_asked_for_and_nothing_given_up()
    {
        Spelled.Equal([AttachTo(C, 2, Pos(1, 3), Starts(1, 1))], Receives(C, Replicate(2, Pos(2, 4), [Put(2, 5)], 4)));
        Assert.Equal(3, Replica.Commit);
    }
}

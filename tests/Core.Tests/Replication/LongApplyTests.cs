using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>A restart may find a million entries to apply: a replica does not go silent over them.</summary>
public sealed class LongApplyTests : ReplicaStories
{
    public LongApplyTests() => Options = Options with { ApplyAtOnce = 2 };

    private static LogEntry[] Stored => [Barrier(1, 1), Put(1, 2), Put(1, 3), Put(1, 4)];

    [Fact]
    public void A_new_primary_applies_step_by_step_and_serves_when_all_of_it_is_applied()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaA));
        Sees(ViewOf(2, ReplicaA));

        Spelled.Equal([ScheduleFlush], Persisted(2, 5));
        Assert.Equal((ReplicaRole.Promoting, 2), (Replica.Role, Replica.Commit));
        Spelled.Equal([ScheduleFlush], Flushes());
        Assert.Equal((ReplicaRole.Promoting, 4), (Replica.Role, Replica.Commit));

        Spelled.Equal([Became(ReplicaRole.Primary, 2), new ReplicaEffect.Serving(new(2), Ms(0))], Flushes());
        Assert.Equal(5, Replica.Commit);
    }

    [Fact]
    public void A_standby_that_is_told_of_many_commits_applies_them_step_by_step()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaB, ReplicaA));

        Spelled.Equal([ScheduleFlush], Receives(B, Replicate(1, Pos(1, 4), [], 4)));
        Assert.Equal(2, Replica.Commit);

        Spelled.Equal([], Flushes());
        Assert.Equal(4, Replica.Commit);
    }

    [Fact]
    public void What_an_older_primary_said_to_be_committed_is_not_applied_for_a_newer_one_that_has_not_said_so()
    {
        GivenStarted(Stored);
        Reads(ViewOf(1, ReplicaB, ReplicaA));
        Receives(B, Replicate(1, Pos(1, 4), [], 4));

        Sees(ViewOf(2, ReplicaC, ReplicaA));
        Flushes();

        Assert.Equal(2, Replica.Commit);
    }
}

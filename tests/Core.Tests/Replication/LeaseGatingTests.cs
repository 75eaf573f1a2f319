using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>A primary answers only while it holds its lease.</summary>
public sealed class LeaseGatingTests : ReplicaStories
{
    [Fact]
    public void A_read_is_served_from_memory_while_the_lease_is_held()
    {
        GivenPrimary();
        Writes(7);
        Flushes();
        Persisted(1, 2);

        Spelled.Equal([Found(8, 2)], ReadsKey(8));
        Spelled.Equal([NotFound(9)], ReadsKey(9, "other"));
        Spelled.Equal(
            [
                Answer(
                    10,
                    new RequestOutcome.ReadMany(
                        ImmutableDictionary<string, StoredValue>.Empty.Add("k", new StoredValue("1", 2))
                    )
                ),
            ],
            Step(new ReplicaInput.ReadAll(new(10)))
        );
    }

    [Fact]
    public void A_read_does_not_see_what_is_not_committed()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);

        Spelled.Equal([NotFound(8)], ReadsKey(8));
    }

    [Fact]
    public void A_read_waits_from_the_instant_the_lease_runs_out_until_it_is_renewed()
    {
        GivenPrimary();
        Now += Ms(299);
        Spelled.Equal([NotFound(7)], ReadsKey(7));

        Now += Ms(1);
        Spelled.Equal([], ReadsKey(8));

        Spelled.Equal([NotFound(8)], Holds(lease: 300));
    }

    [Fact]
    public void A_committed_write_is_answered_only_under_the_lease()
    {
        GivenPrimary();
        Writes(7);
        Flushes();
        Now += Ms(300);

        Spelled.Equal([], Persisted(1, 2));
        Assert.Equal(2, Replica.Commit);

        Spelled.Equal([Created(7, 2)], Holds(lease: 300));
    }

    [Fact]
    public void Answers_withheld_come_before_the_reads_that_waited_with_them()
    {
        GivenPrimary();
        Holds(lease: null);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        ReadsKey(8);

        Spelled.Equal([Created(7, 2), Found(8, 2)], Holds(lease: 300));
        Spelled.Equal([], Holds(lease: 400));
    }

    [Fact]
    public void A_renewal_that_is_over_when_it_arrives_opens_nothing()
    {
        GivenPrimary();
        Holds(lease: null);
        ReadsKey(8);

        Spelled.Equal([], Holds(lease: 0));
        Spelled.Equal([], Holds(lease: -5));
    }

    [Fact]
    public void A_lease_of_another_epoch_opens_nothing()
    {
        GivenPrimary();
        Holds(lease: null);
        ReadsKey(8);

        Spelled.Equal([], Step(new ReplicaInput.LeaseChanged(new(2), Now + Ms(300))));
    }

    [Fact]
    public void Whoever_waits_for_the_lease_is_sent_on_when_another_primary_is_named()
    {
        GivenPrimary(ReplicaB);
        Writes(6);
        Flushes();
        Holds(lease: null);
        Persisted(1, 2);
        Acks(ReplicaB, 2);
        ReadsKey(8);

        Spelled.Equal(
            [NotPrimary(6), NotPrimary(8), Became(ReplicaRole.Joining, 2), AttachTo(B, 2, Pos(1, 2), Starts(1, 1))],
            Sees(ViewOf(2, ReplicaB))
        );
    }

    [Fact]
    public void A_new_primary_starts_without_a_lease()
    {
        GivenPromoting();
        Persisted(2, 4);
        Acks(ReplicaC, 4, epoch: 2);
        Assert.Equal(ReplicaRole.Primary, Replica.Role);

        Spelled.Equal([], ReadsKey(8));
        Spelled.Equal([Found(8, 3)], Holds(lease: 300));
    }
}

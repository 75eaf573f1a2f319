using System.Collections.Immutable;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

public sealed class FoundingTests : PolicyStories
{
    private static Change.Create Founding(params View[] views) =>
        new(
            Formation,
            [A, B, C],
            views.Select((v, i) => KeyValuePair.Create(new PartitionId(i), v)).ToImmutableSortedDictionary()
        );

    [Fact]
    public void When_all_voters_are_up_the_formation_is_founded_with_every_empty_replica_in_sync()
    {
        Learns(null);
        Hears(Empty(ReplicaB));
        Spelled.Equal([], Hears(Empty(ReplicaA)));

        Spelled.Equal([Propose(Founding(ViewOf(1, ReplicaA, ReplicaB, ReplicaC)))], Hears(Empty(ReplicaC)));
    }

    [Fact]
    public void Primaries_of_several_partitions_go_round()
    {
        Given(OptionsOf(M, Mandate.Monitor, partitions: 2));
        Learns(null);
        Hears(Empty(ReplicaA, 2));
        Hears(Empty(ReplicaB, 2));

        Spelled.Equal(
            [Propose(Founding(ViewOf(1, ReplicaA, ReplicaB, ReplicaC), ViewOf(1, ReplicaB, ReplicaA, ReplicaC)))],
            Hears(Empty(ReplicaC, 2))
        );
    }

    [Fact]
    public void A_missing_voter_is_waited_for_and_then_done_without()
    {
        Learns(null);
        Hears(Empty(ReplicaA));
        Spelled.Equal([], Hears(Empty(ReplicaB)));
        Assert.Equal(Now + Ms(2_000), NextDeadline);

        Spelled.Equal([], After(1_999));
        Spelled.Equal([Propose(Founding(ViewOf(1, ReplicaA, ReplicaB)))], After(1));
    }

    [Fact]
    public void A_minority_never_founds_a_formation()
    {
        Learns(null);
        Hears(Empty(ReplicaA));

        Spelled.Equal([], After(2_000));
        Spelled.Equal([], After(2_000));
        Assert.Equal(Now + Ms(2_000), NextDeadline);
    }

    [Fact]
    public void Nothing_is_founded_before_the_register_was_read()
    {
        Hears(Empty(ReplicaA));
        Hears(Empty(ReplicaB));

        Spelled.Equal([], Hears(Empty(ReplicaC)));
    }

    [Fact]
    public void A_node_that_remembers_a_formation_proves_that_there_is_one()
    {
        Learns(null);
        Hears(Empty(ReplicaA));
        Hears(Empty(ReplicaB) with { Formation = Formation });

        Spelled.Equal([], Hears(Empty(ReplicaC)));
    }

    [Fact]
    public void A_replica_that_still_starts_is_waited_for_like_a_missing_node()
    {
        Learns(null);
        Hears(Empty(ReplicaA));
        Hears(Empty(ReplicaB));
        Spelled.Equal([], Hears(With(Empty(ReplicaC), r => r with { Role = ReplicaRole.Starting })));

        Spelled.Equal([Propose(Founding(ViewOf(1, ReplicaA, ReplicaB, ReplicaC)))], Hears(Empty(ReplicaC)));
    }

    [Fact]
    public void Replicas_that_hold_something_or_have_not_started_are_left_to_join_later()
    {
        Learns(null);
        Hears(With(Empty(ReplicaA), r => r with { Last = Pos(1, 4) }));
        Hears(With(Empty(ReplicaB), r => r with { Role = ReplicaRole.Starting }));
        Spelled.Equal([], Hears(Empty(ReplicaC)));

        Spelled.Equal([Propose(Founding(ViewOf(1, ReplicaC)))], After(2_000));
    }

    [Fact]
    public void Without_a_single_empty_replica_there_is_nothing_to_found()
    {
        Learns(null);
        Hears(With(Empty(ReplicaA), r => r with { Role = ReplicaRole.Starting }));
        Hears(With(Empty(ReplicaB), r => r with { Role = ReplicaRole.Starting }));
        Spelled.Equal([], Hears(With(Empty(ReplicaC), r => r with { Role = ReplicaRole.Starting })));

        Assert.Equal(Now + Ms(2_000), NextDeadline);
    }

    [Fact]
    public void It_is_proposed_once_and_again_only_when_nobody_knows_how_it_ended()
    {
        var founding = Founding(ViewOf(1, ReplicaA, ReplicaB, ReplicaC));
        Learns(null);
        Hears(Empty(ReplicaA));
        Hears(Empty(ReplicaB));
        Hears(Empty(ReplicaC));
        Spelled.Equal([], Hears(Empty(ReplicaC)));

        Spelled.Equal([Propose(founding)], Ended(founding, new ProposalOutcome.Unknown("no majority")));
        Spelled.Equal([], Ended(founding, new ProposalOutcome.Done(Next(founding))));
        Spelled.Equal([], After(5_000));
    }

    [Theory]
    [InlineData(Mandate.StandIn)]
    [InlineData(Mandate.Operator)]
    public void Only_the_monitor_founds(Mandate mandate)
    {
        Given(OptionsOf(A, mandate));
        Learns(null);
        Hears(Empty(ReplicaA));
        Hears(Empty(ReplicaB));

        Spelled.Equal([], Hears(Empty(ReplicaC)));
        Spelled.Equal([], After(60_000));
    }

    private static FormationState Next(Change.Create founding) =>
        Assert.IsType<ChangeResult.Next>(founding.ApplyTo(null, SignedByM)).State;
}

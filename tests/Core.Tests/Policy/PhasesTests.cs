using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>How long a failover's steps took goes into its history.</summary>
public sealed class PhasesTests : PolicyStories
{
    private static readonly Change.Promote ToB = Promote(ReplicaB, "a is silent", [ReplicaA], "φ 9");

    [Fact]
    public void From_the_last_sign_of_life_to_the_suspicion_to_the_view_to_serving()
    {
        Recovers();

        Spelled.Equal([], Hears(Report(ReplicaB, ReplicaRole.Promoting, epoch: 2)));
        Now += Ms(4);
        Spelled.Equal(
            [Propose(new Change.RecordPhases(P0, new(2), new PhaseTimes(200, 7, 4)))],
            Hears(Report(ReplicaB, ReplicaRole.Primary, epoch: 2))
        );
        Spelled.Equal([], Hears(Report(ReplicaB, ReplicaRole.Primary, epoch: 2)));
    }

    [Fact]
    public void A_late_report_of_the_old_primary_ends_nothing()
    {
        Recovers();

        Spelled.Equal([], Hears(Report(ReplicaA, ReplicaRole.Primary, epoch: 1)));
    }

    [Fact]
    public void A_failover_that_was_refused_is_not_measured()
    {
        var state = GivenFormation();
        FindsSilent(A);
        Learns(Next(state, ToB with { Target = ReplicaC }));
        Ended(ToB, new ProposalOutcome.Refused("partition 0 is in epoch 2, not 1"));

        Spelled.Equal([], Hears(Report(ReplicaC, ReplicaRole.Primary, epoch: 2)));
    }

    /// <summary>The suspicion comes after 200 ms of silence, the view 7 ms later.</summary>
    private void Recovers()
    {
        var state = GivenFormation();
        Spelled.Equal([Propose(ToB)], FindsSilent(A, silentFor: 200));
        Now += Ms(7);
        Spelled.Equal([], Ended(ToB, new ProposalOutcome.Done(Next(state, ToB))));
    }
}

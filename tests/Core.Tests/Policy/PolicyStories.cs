using System.Collections.Immutable;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>A policy, what it hears of the nodes, and what it decides.</summary>
public abstract class PolicyStories
{
    private MonitorPolicy _policy = new(OptionsOf(M, Mandate.Monitor));

    private protected Instant Now = At(10_000);

    private protected Instant? NextDeadline => _policy.NextDeadline;

    private protected static PolicyOptions OptionsOf(NodeId self, Mandate mandate, int partitions = 1) =>
        new()
        {
            Self = self,
            Voters = [A, B, C],
            NewFormation = Formation,
            Mandate = mandate,
            Partitions = partitions,
            Detection = new DetectionOptions { HungAfter = Ms(3_000) },
            FoundingPatience = Ms(2_000),
            AbsenceTimeout = Ms(2_000),
            BackOffMin = Ms(1_000),
            HealthBackOff = Ms(10_000),
        };

    private protected void Given(PolicyOptions options) => _policy = new MonitorPolicy(options);

    /// <summary>a leads b and c in epoch 1; all live, all at position 1:9.</summary>
    private protected FormationState GivenFormation()
    {
        var state = State(1, ViewOf(1, ReplicaA, ReplicaB, ReplicaC));
        Learns(state);
        Hears(Report(ReplicaA, ReplicaRole.Primary));
        Hears(Report(ReplicaB, ReplicaRole.Standby));
        Spelled.Equal([], Hears(Report(ReplicaC, ReplicaRole.Standby)));
        return state;
    }

    private protected static NodeReport Report(ReplicaId replica, ReplicaRole role, long epoch = 1, long last = 9) =>
        new(
            replica.Node,
            new(1),
            Formation,
            1,
            false,
            [new(P0, replica, role, new(epoch), Pos(epoch, last), 0, false, TimeSpan.Zero, null)]
        );

    /// <summary>An empty replica of a node that never heard of a formation.</summary>
    private protected static NodeReport Empty(ReplicaId replica, int partitions = 1) =>
        new(
            replica.Node,
            new(1),
            null,
            0,
            false,
            [
                .. Enumerable
                    .Range(0, partitions)
                    .Select(p => new ReplicaReport(
                        new(p),
                        replica,
                        ReplicaRole.Joining,
                        default,
                        Position.Zero,
                        0,
                        false,
                        TimeSpan.Zero,
                        null
                    )),
            ]
        );

    private protected static NodeReport With(NodeReport report, Func<ReplicaReport, ReplicaReport> change) =>
        report with
        {
            Replicas = [.. report.Replicas.Select(change)],
        };

    private protected ImmutableArray<PolicyEffect> Learns(FormationState? state) =>
        Step(new PolicyInput.StateLearned(state));

    /// <summary>A heartbeat arrives.</summary>
    private protected ImmutableArray<PolicyEffect> Hears(NodeReport report) =>
        Step(new PolicyInput.NodeObserved(report.Node, report, new Assessment(Verdict.Alive, [], Now)));

    private protected ImmutableArray<PolicyEffect> FindsSilent(NodeId node, double silentFor = 200) =>
        Step(new PolicyInput.NodeObserved(node, null, new Assessment(Verdict.Suspected, ["φ 9"], Now - Ms(silentFor))));

    private protected ImmutableArray<PolicyEffect> FindsDead(NodeId node) =>
        Step(new PolicyInput.NodeObserved(node, null, new Assessment(Verdict.Dead, ["refused"], Now - Ms(20))));

    private protected ImmutableArray<PolicyEffect> Ended(Change change, ProposalOutcome outcome) =>
        Step(new PolicyInput.ProposalEnded(change, outcome));

    private protected ImmutableArray<PolicyEffect> Forced(bool acceptDataLoss) =>
        Step(new PolicyInput.FailoverForced(new(5), P0, acceptDataLoss));

    private protected ImmutableArray<PolicyEffect> After(double milliseconds)
    {
        Now += Ms(milliseconds);
        return Step(PolicyInput.DeadlineReached.Instance);
    }

    private protected ImmutableArray<PolicyEffect> Step(PolicyInput input)
    {
        List<PolicyEffect> effects = [];
        _policy.Step(input, Now, effects);
        return [.. effects];
    }

    private protected static PolicyEffect Propose(Change change) => new PolicyEffect.Propose(change);

    private protected static PolicyEffect Alarm(string message) => new PolicyEffect.Alarm(message);

    private protected static Change.Promote Promote(
        ReplicaId target,
        string reason,
        ReplicaId[] lost,
        params string[] evidence
    ) => new(P0, new(1), target, DecisionKind.Failover, [.. lost], reason, [.. evidence]);

    private protected static FormationState Next(FormationState state, Change change) =>
        Assert.IsType<ChangeResult.Next>(change.ApplyTo(state, SignedByM)).State;
}

using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>The first state of a formation.</summary>
public sealed partial class MonitorPolicy
{
    private void Found(Instant now, ICollection<PolicyEffect> effects)
    {
        if (options.Mandate != Mandate.Monitor || _founding)
            return;
        // A node that remembers a formation proves that there is one: the register is out of reach, not empty.
        if (_nodes.Values.Any(n => n.Report?.Formation is not null))
            return;
        var givesUpWaitingAt = _startedAt!.Value + options.FoundingPatience;
        var up = options.Voters.Count(IsUp);
        var everyoneIsReady = up == options.Voters.Length && !SomeReplicaStarts();
        if (!everyoneIsReady && (now < givesUpWaitingAt || up < FormationState.MajorityOf(options.Voters.Length)))
        {
            LookAgainAt(givesUpWaitingAt > now ? givesUpWaitingAt : now + options.FoundingPatience);
            return;
        }

        var views = ImmutableSortedDictionary.CreateBuilder<PartitionId, View>();
        for (var i = 0; i < options.Partitions; i++)
        {
            var partition = new PartitionId(i);
            var empty = EmptyReplicas(partition);
            if (empty.Length == 0)
            {
                LookAgainAt(now + options.FoundingPatience);
                return;
            }

            // Empty replicas are equal: all are in sync from the start. Primaries go round.
            views.Add(partition, new View(new Epoch(1), empty[i % empty.Length], empty));
        }

        _founding = true;
        effects.Add(
            new PolicyEffect.Propose(new Change.Create(options.NewFormation, options.Voters, views.ToImmutable()))
        );
    }

    private bool SomeReplicaStarts() =>
        _nodes.Values.Any(n => n.Report is { } report && report.Replicas.Any(r => r.Role == ReplicaRole.Starting));

    private ImmutableArray<ReplicaId> EmptyReplicas(PartitionId partition) =>
        [
            .. _nodes
                .Values.Where(n => IsUp(n.Node))
                .Select(n => n.Report?.Of(partition))
                .Where(r => r is { Role: ReplicaRole.Joining } && r.Last == Position.Zero)
                .Select(r => r!.Replica)
                .OrderBy(r => r.Node),
        ];
}

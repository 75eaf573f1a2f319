using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>What an operator may force.</summary>
public sealed partial class MonitorPolicy
{
    private void OnFailoverForced(PolicyInput.FailoverForced forced, Instant now, ICollection<PolicyEffect> effects)
    {
        if (_state?.ViewOf(forced.Partition) is not { } view)
        {
            effects.Add(new PolicyEffect.Refuse(forced.Token, $"there is no partition {forced.Partition}"));
            return;
        }

        var down = WhyDown(forced.Partition, view, now);
        if (down is null && IsUp(view.Primary.Node) && !forced.AcceptDataLoss)
        {
            effects.Add(new PolicyEffect.SwitchOver(forced.Token, forced.Partition, view.Primary.Node));
            return;
        }

        var target = BestOf(forced.Partition, view.InSync.Where(r => r != view.Primary));
        target ??= BestOf(forced.Partition, view.InSync);
        if (target is null && forced.AcceptDataLoss)
            target = BestOf(forced.Partition, Everyone(forced.Partition));
        if (target is not { } chosen)
        {
            var hint = forced.AcceptDataLoss ? "" : "; accepting data loss would allow one that is not in sync";
            effects.Add(new PolicyEffect.Refuse(forced.Token, $"no in-sync replica is alive{hint}"));
            return;
        }

        var kind = view.Contains(chosen) ? DecisionKind.ForcedInSync : DecisionKind.Forced;
        ImmutableArray<string> evidence =
        [
            .. down?.Evidence ?? [],
            forced.AcceptDataLoss ? "the operator accepted data loss" : "the operator did not accept data loss",
        ];
        var change = new Change.Promote(
            forced.Partition,
            view.Epoch,
            chosen,
            kind,
            [view.Primary],
            "an operator forced it",
            evidence
        );
        _forced[forced.Partition] = new Pending(change, now, down?.LastSign);
        effects.Add(new PolicyEffect.AnswerWith(forced.Token, change));
        effects.Add(new PolicyEffect.Propose(change));
    }

    private ReplicaId? BestOf(PartitionId partition, IEnumerable<ReplicaId> replicas) =>
        replicas
            .Where(r =>
                IsUp(r.Node) && ReportOf(partition, r) is { Role: not (ReplicaRole.Starting or ReplicaRole.Failed) }
            )
            .OrderBy(r => _state!.Maintenance.Contains(r.Node) || ReportOf(partition, r)!.Trouble is not null)
            .ThenByDescending(r => ReportOf(partition, r)!.Last)
            .Select(r => (ReplicaId?)r)
            .FirstOrDefault();

    private IEnumerable<ReplicaId> Everyone(PartitionId partition) =>
        _nodes.Values.Select(n => n.Report?.Of(partition)?.Replica).OfType<ReplicaId>();
}

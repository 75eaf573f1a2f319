using System.Collections.Immutable;
using Failover.Core.Detection;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>Whether each partition's primary lives, and who takes over when it does not.</summary>
public sealed partial class MonitorPolicy
{
    private void Watch(FormationState state, Instant now, ICollection<PolicyEffect> effects)
    {
        foreach (var (partition, view) in state.Views)
        {
            var reasons = WhyDown(partition, view, now);
            NoteDown(partition, view, reasons, now);
            if (_pending.TryGetValue(partition, out var pending))
                WithdrawIfPointless(pending, view, reasons, effects);
            else if (
                reasons is not null
                && !state.Paused
                && MayDecide(now)
                && MayDecide(partition, now)
                && MayFollow(partition, view, now)
            )
                FailOver(state, partition, view, reasons, now, effects);
            else if (reasons is null)
                Relieve(state, partition, view, now, effects);
        }
    }

    private bool MayDecide(Instant now)
    {
        if (options.Mandate == Mandate.Monitor)
            return true;
        if (options.Mandate != Mandate.StandIn)
            return false;
        if (_nodes.Values.Any(n => n is { Report.Monitoring: true, Assessment.Verdict: Verdict.Alive }))
            return false;
        var actsFrom = _monitorHeardAt!.Value + options.AbsenceTimeout;
        if (now >= actsFrom)
            return true;
        LookAgainAt(actsFrom);
        return false;
    }

    private bool MayDecide(PartitionId partition, Instant now)
    {
        if (!_notBefore.TryGetValue(partition, out var at))
            return true;
        if (now < at)
        {
            LookAgainAt(at);
            return false;
        }

        _notBefore.Remove(partition);
        return true;
    }

    /// <summary>
    /// A suspicion that proved wrong must not depose anybody later, when the primary pauses the next time; nor may a
    /// replica be promoted that was lost while the register was asked: the view that names it would leave out the
    /// survivors that hold everything.
    /// </summary>
    private void WithdrawIfPointless(Pending pending, View view, Down? reasons, ICollection<PolicyEffect> effects)
    {
        var change = pending.Change;
        if (change.Epoch != view.Epoch || change.Kind != DecisionKind.Failover)
            return;
        // A new run of the primary's process is alive too, but it must be promoted anew: it revives nothing.
        var revived = reasons is null && ReportOf(change.Partition, view.Primary) is { Role: not ReplicaRole.Starting };
        if (!revived && IsUp(change.Target.Node) && ReportOf(change.Partition, change.Target) is not null)
            return;
        _pending[change.Partition] = pending with { Withdrawn = true };
        effects.Add(new PolicyEffect.Withdraw(change));
    }

    /// <summary>Why a primary counts as down.</summary>
    /// <param name="Reason">In one sentence.</param>
    /// <param name="ProcessIsGone">It holds nothing in memory any more, and cannot be in sync.</param>
    private sealed record Down(string Reason, ImmutableArray<string> Evidence, Instant? LastSign, bool ProcessIsGone);

    private Down? WhyDown(PartitionId partition, View view, Instant now)
    {
        var node = view.Primary.Node;
        if (_nodes.GetValueOrDefault(node) is not { Assessment.Verdict: not Verdict.Unknown } observed)
            return WhyNeverHeardOf(node, now);
        var assessment = observed.Assessment;
        if (assessment.Verdict == Verdict.Dead)
            return new Down(
                $"the process of {node} is gone",
                assessment.Evidence,
                assessment.Since,
                ProcessIsGone: true
            );
        if (assessment.Verdict == Verdict.Suspected)
            return new Down($"{node} is silent", assessment.Evidence, assessment.Since, ProcessIsGone: false);
        if (observed.Report?.Of(partition) is not { } replica)
            return null;
        if (replica.Replica != view.Primary)
            return new Down(
                $"{node} lost its data",
                [$"{node} reports {replica.Replica}, the view names {view.Primary}"],
                assessment.Since,
                true
            );
        if (replica.Epoch == view.Epoch && replica.Role == ReplicaRole.Candidate)
            return new Down(
                $"{node} was restarted",
                [$"{node} runs as incarnation {observed.Report.Incarnation} and was not promoted since"],
                assessment.Since,
                false
            );
        if (replica.Role == ReplicaRole.Failed)
            return new Down(
                $"{node} gave up its role",
                [replica.Trouble ?? "it does not say why"],
                assessment.Since,
                true
            );
        if (replica.Idle >= options.Detection.HungAfter)
            return new Down(
                $"{node} hangs",
                [
                    $"its replica has done nothing for {replica.Idle.TotalSeconds:0.0} s, though its heartbeat goes on",
                    .. replica.Trouble is { } trouble ? [trouble] : Array.Empty<string>(),
                ],
                assessment.Since,
                false
            );
        return null;
    }

    /// <summary>
    /// A watch that began after the primary's host was lost has no heartbeat to miss, and keeps every stand-in from
    /// acting. So silence from the start counts as well, once everybody had time to speak.
    /// </summary>
    private Down? WhyNeverHeardOf(NodeId node, Instant now)
    {
        var suspectedFrom = _startedAt!.Value + options.AbsenceTimeout;
        if (now < suspectedFrom)
        {
            LookAgainAt(suspectedFrom);
            return null;
        }

        var sinceWhen = $"{options.AbsenceTimeout.TotalSeconds:0.#} s";
        return new Down(
            $"{node} is silent",
            [$"nothing was heard of {node} since this watch began more than {sinceWhen} ago"],
            null,
            ProcessIsGone: false
        );
    }

    private void FailOver(
        FormationState state,
        PartitionId partition,
        View view,
        Down down,
        Instant now,
        ICollection<PolicyEffect> effects
    )
    {
        var candidates = view.InSync.Where(r => CanLead(state, partition, view, r, down));
        var target = candidates
            .OrderByDescending(r => ReportOf(partition, r)!.Last)
            .ThenBy(r => r == view.Primary)
            .FirstOrDefault();
        if (target == default)
        {
            RaiseAlarm(
                partition,
                $"partition {partition}: {down.Reason}, and no other in-sync replica can take over",
                effects
            );
            return;
        }

        if (options.Mandate == Mandate.StandIn && target.Node != options.Self)
            return;
        var evidence = down.Evidence;
        if (options.Mandate == Mandate.StandIn)
            evidence = evidence.Add($"no Monitor was heard of for {options.AbsenceTimeout.TotalSeconds:0.#} s");
        if (WhyLate(partition, view) is { } late)
            evidence = evidence.Add(late);
        var change = new Change.Promote(
            partition,
            view.Epoch,
            target,
            DecisionKind.Failover,
            Lost(view, down),
            down.Reason,
            evidence
        );
        _pending[partition] = new Pending(change, now, down.LastSign);
        effects.Add(new PolicyEffect.Propose(change));
    }

    private bool CanLead(FormationState state, PartitionId partition, View view, ReplicaId replica, Down down)
    {
        if (state.Maintenance.Contains(replica.Node) || !IsUp(replica.Node))
            return false;
        // The primary itself may lead again only if it lives and is whole: it was merely restarted.
        if (
            replica == view.Primary
            && (down.ProcessIsGone || ReportOf(partition, replica)?.Role != ReplicaRole.Candidate)
        )
            return false;
        return ReportOf(partition, replica)
                is { Trouble: null, Role: not (ReplicaRole.Starting or ReplicaRole.Failed) } report
            && report.Idle < options.Detection.HungAfter;
    }

    private ReplicaReport? ReportOf(PartitionId partition, ReplicaId replica) =>
        _nodes.GetValueOrDefault(replica.Node)?.Report?.Of(partition) is { } report && report.Replica == replica
            ? report
            : null;

    /// <summary>Who leaves the in-sync set with the failed primary, so that the new one need not wait to find out.</summary>
    private ImmutableArray<ReplicaId> Lost(View view, Down down) =>
        [
            .. view.InSync.Where(r =>
                (r == view.Primary && !IsCandidate(r, view))
                || (_nodes.TryGetValue(r.Node, out var o) && o.Assessment.IsDown)
            ),
        ];

    private bool IsCandidate(ReplicaId replica, View view) =>
        IsUp(replica.Node)
        && _nodes.GetValueOrDefault(replica.Node)?.Report is { } report
        && report.Replicas.Any(r => r.Replica == replica && r.Epoch == view.Epoch && r.Role == ReplicaRole.Candidate);

    private void RaiseAlarm(PartitionId partition, string message, ICollection<PolicyEffect> effects)
    {
        if (_alarms.TryGetValue(partition, out var raised) && raised == message)
            return;
        _alarms[partition] = message;
        effects.Add(new PolicyEffect.Alarm(message));
    }
}

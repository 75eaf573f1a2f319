using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>Moves the primary role away from a node whose application is unhealthy, as a switchover does: nothing fails meanwhile.</summary>
public sealed partial class MonitorPolicy
{
    /// <summary>After how long a primary that could not hand over, or did not answer, is asked again.</summary>
    private static readonly TimeSpan MoveAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MovePatience = TimeSpan.FromSeconds(15);

    private readonly Dictionary<PartitionId, Move> _moves = [];

    /// <param name="Until">When the primary may be asked again.</param>
    private sealed record Move(Epoch Epoch, Instant Until);

    private void Relieve(
        FormationState state,
        PartitionId partition,
        View view,
        Instant now,
        ICollection<PolicyEffect> effects
    )
    {
        if (TroubleOfPrimary(partition, view) is not { } trouble)
        {
            _alarms.Remove(partition);
            return;
        }

        if (options.Mandate != Mandate.Monitor || state.Paused || !MayMove(partition, view, now))
            return;
        var down = new Down(trouble, [], null, ProcessIsGone: true);
        var target = view
            .InSync.Where(r => CanLead(state, partition, view, r, down))
            .OrderByDescending(r => ReportOf(partition, r)!.Last)
            .FirstOrDefault();
        if (target == default)
        {
            RaiseAlarm(
                partition,
                $"partition {partition}: {view.Primary.Node} is unhealthy ({trouble}), and no healthy in-sync replica can take over",
                effects
            );
            return;
        }

        _moves[partition] = new Move(view.Epoch, now + MovePatience);
        LookAgainAt(now + MovePatience);
        effects.Add(
            new PolicyEffect.MoveAway(
                partition,
                view.Epoch,
                view.Primary.Node,
                target.Node,
                $"{view.Primary.Node} is unhealthy",
                [trouble]
            )
        );
    }

    /// <summary>What ails the node of a primary that serves; one that serves no more is a matter of failover.</summary>
    private string? TroubleOfPrimary(PartitionId partition, View view) =>
        ReportOf(partition, view.Primary) is { Role: ReplicaRole.Primary, Released: false } report
        && report.Epoch == view.Epoch
            ? report.Trouble
            : null;

    /// <summary>
    /// An unhealthy primary still serves, so waiting costs little, and checks that fail on one node after the other must not
    /// send the role round and round: it stays for a back-off where an automatic failover has put it.
    /// </summary>
    private bool MayMove(PartitionId partition, View view, Instant now)
    {
        var until = now;
        if (_moves.TryGetValue(partition, out var asked) && asked.Epoch == view.Epoch)
            until = asked.Until;
        if (
            TrailsOf(partition).Moves is { At: { } at } trail
            && trail.Newest == view.Epoch
            && at + trail.BackOff > until
        )
            until = at + trail.BackOff;
        if (now >= until)
            return true;
        LookAgainAt(until);
        return false;
    }

    /// <summary>The view that was asked for is committed. How long that took, the former primary says.</summary>
    private void NoteMoves(FormationState state)
    {
        foreach (var (partition, move) in _moves.ToArray())
        {
            if (state.ViewOf(partition)?.Epoch is not { } epoch || epoch <= move.Epoch)
                continue;
            _moves.Remove(partition);
        }
    }

    private void OnMoveEnded(PolicyInput.MoveEnded ended, Instant now, ICollection<PolicyEffect> effects)
    {
        if (ended.Refusal is not { } reason)
            return; // The view that says so is on its way.
        if (!_moves.TryGetValue(ended.Partition, out var move) || move.Epoch != ended.Epoch)
            return;
        _moves[ended.Partition] = move with { Until = now + MoveAgainAfter };
        RaiseAlarm(ended.Partition, $"partition {ended.Partition}: its unhealthy primary stays: {reason}", effects);
    }
}

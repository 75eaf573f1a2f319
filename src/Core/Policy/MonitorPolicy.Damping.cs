using System.Globalization;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>Keeps a partition whose primaries die as soon as they are promoted from using up one after the other.</summary>
public sealed partial class MonitorPolicy
{
    private readonly Dictionary<PartitionId, Trails> _trails = [];

    /// <summary>The same failovers, under the back-off of primaries that fail and that of primaries that fall ill.</summary>
    private sealed record Trails(FailoverTrail Failovers, FailoverTrail Moves);

    /// <summary>Since when the primary of this epoch has counted as down without a break.</summary>
    private readonly Dictionary<PartitionId, (Epoch Epoch, Instant At)> _downSince = [];

    /// <summary>The partitions whose alarm was raised and still stands.</summary>
    private readonly HashSet<PartitionId> _flapping = [];

    /// <param name="inherited">The state says what happened before this watch began.</param>
    private void Follow(FormationState state, WallTime? wallNow, bool inherited, Instant now)
    {
        foreach (
            var failovers in state
                .History.Where(e => e is { Kind: DecisionKind.Failover, Partition: not null })
                .GroupBy(e => e.Partition!.Value)
        )
        {
            var (trail, moves) = TrailsOf(failovers.Key);
            foreach (var entry in failovers.Where(e => e.Epoch > trail.Newest).ToArray())
            {
                var isNews = !inherited && entry.Epoch == failovers.Last().Epoch;
                var at = isNews ? now : InstantOf(entry.At, wallNow, now);
                trail.Add(entry.Epoch, at, FailedAtOnce(failovers.Key, trail));
                moves.Add(entry.Epoch, at);
            }
        }
    }

    /// <summary>Whether the primary that the last failover made failed at once; null: this policy did not watch it.</summary>
    private bool? FailedAtOnce(PartitionId partition, FailoverTrail trail) =>
        trail.At is { } promoted && _downSince.TryGetValue(partition, out var down) && down.Epoch == trail.Newest
            ? down.At - promoted < options.BackOffMin
            : null;

    /// <summary>
    /// When something happened that this policy did not watch, by the wall clock of whoever decided it. Clocks that
    /// disagree cost at most one back-off or spare one: what seems to lie ahead says nothing.
    /// </summary>
    private static Instant? InstantOf(WallTime at, WallTime? wallNow, Instant now) =>
        wallNow is { } wall && at.UnixMilliseconds <= wall.UnixMilliseconds
            ? now - TimeSpan.FromMilliseconds(wall.UnixMilliseconds - at.UnixMilliseconds)
            : null;

    private FailoverTrail TrailOf(PartitionId partition) => TrailsOf(partition).Failovers;

    private Trails TrailsOf(PartitionId partition)
    {
        if (!_trails.TryGetValue(partition, out var trails))
            _trails[partition] = trails = new Trails(
                new FailoverTrail(options.BackOffMin, options.BackOffMax),
                new FailoverTrail(options.HealthBackOff, options.BackOffMax)
            );
        return trails;
    }

    private void NoteDown(PartitionId partition, View view, Down? reasons, Instant now)
    {
        if (reasons is null)
            _downSince.Remove(partition);
        else if (!_downSince.TryGetValue(partition, out var since) || since.Epoch != view.Epoch)
            _downSince[partition] = (view.Epoch, now);
    }

    /// <summary>Until when a failover must wait because the primary failed as soon as the last one had made it; null: it need not.</summary>
    private Instant? HeldUntil(PartitionId partition, View view)
    {
        // Somebody else's promotion, or one from before anything is known: nothing to keep away from.
        if (TrailOf(partition) is not { At: { } promoted } trail || trail.Newest != view.Epoch)
            return null;
        return _downSince[partition].At - promoted < options.BackOffMin ? promoted + trail.BackOff : null;
    }

    private bool MayFollow(PartitionId partition, View view, Instant now)
    {
        if (HeldUntil(partition, view) is not { } until || now >= until)
            return true;
        LookAgainAt(until);
        return false;
    }

    /// <summary>Why a failover came late, for its history.</summary>
    private string? WhyLate(PartitionId partition, View view) =>
        HeldUntil(partition, view) is not null
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{view.Primary.Node} failed within {options.BackOffMin.TotalSeconds:0.###} s of its promotion: this failover kept {TrailOf(partition).BackOff.TotalSeconds:0.###} s away from the last"
            )
            : null;

    /// <summary>Once whenever a partition comes to have failed over too often. Only the Monitor tells, or every stand-in would.</summary>
    private void RaiseFlapping(Instant now, ICollection<PolicyEffect> effects)
    {
        if (options.Mandate != Mandate.Monitor)
            return;
        foreach (var (partition, trails) in _trails)
        {
            var count = trails.Failovers.CountAt(now);
            if (count <= FailoverAlarms.Tolerated)
                _flapping.Remove(partition);
            else if (_flapping.Add(partition))
                effects.Add(new PolicyEffect.Alarm(FailoverAlarms.Sentence(partition, count)));
        }
    }
}

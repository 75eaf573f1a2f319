using System.Collections.Immutable;
using Akka.Cluster.Gossiping;

namespace Akka.Cluster.SBR;

/// <summary>Waits until a split has been the same for long enough, then lets the strategy decide.</summary>
/// <remarks>
/// A decision is safe only if both sides decide about the same split, so every change of members or reachability starts the
/// wait anew. A split that never comes to rest is decided too: then everybody goes. Only the leader of a side decides, for the
/// whole side.
/// </remarks>
internal sealed class SplitBrainWatch(
    DowningStrategy strategy,
    TimeSpan stableAfter,
    TimeSpan? downAllWhenUnstable,
    UniqueAddress self
)
{
    private ImmutableArray<UniqueAddress> _members = [];
    private ImmutableHashSet<UniqueAddress> _unreachable = [];
    private TimeSpan? _stableSince;
    private TimeSpan? _splitSince;

    /// <summary>When <see cref="Decide"/> should be asked at the latest (passed, if this node does not lead); null while nobody is unreachable.</summary>
    public TimeSpan? NextDeadline =>
        (_stableSince + stableAfter, _splitSince + stableAfter + downAllWhenUnstable) switch
        {
            ({ } stable, { } unstable) => stable < unstable ? stable : unstable,
            (var stable, _) => stable,
        };

    public void Observe(ClusterView view, TimeSpan now)
    {
        var isSame = IsSameAs(view);
        _members = [.. MembersIn(view)];
        _unreachable = view.Unreachable;
        if (!IsSplit(view))
        {
            _stableSince = null;
            _splitSince = null;
            return;
        }

        if (isSame && _stableSince is not null)
            return;

        // After a long rest the next change begins another story.
        if (_splitSince is null || now - _stableSince >= stableAfter * 2)
            _splitSince = now;
        _stableSince = now;
    }

    public ImmutableArray<UniqueAddress> Decide(ClusterView view, TimeSpan now)
    {
        if (_stableSince is not { } since || view.Leader?.UniqueAddress.Equals(self) != true)
            return [];

        // Nobody has been let in yet: there is nothing that two sides could both do.
        if (!view.Gossip.Members.Values.Any(DowningStrategy.Counts))
            return [];

        if (now - since >= stableAfter)
            return strategy.Decide(view);

        return now - _splitSince >= stableAfter + downAllWhenUnstable ? new DownAll().Decide(view) : [];
    }

    private static bool IsSplit(ClusterView view) =>
        view.Unreachable.Any(node =>
            view.Gossip.Members.TryGetValue(node, out var member) && member.Status != MemberStatus.Down
        );

    /// <summary>
    /// Who joins in the meantime is no change of the split, as nobody gets further while it lasts, nor is one more observer of
    /// the same silence; who goes, falls silent or is heard again is.
    /// </summary>
    private bool IsSameAs(ClusterView view) =>
        _members.SequenceEqual(MembersIn(view)) && _unreachable.SetEquals(view.Unreachable);

    private static IEnumerable<UniqueAddress> MembersIn(ClusterView view) =>
        view
            .Gossip.Members.Values.Where(m => m.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp))
            .Select(m => m.UniqueAddress);
}

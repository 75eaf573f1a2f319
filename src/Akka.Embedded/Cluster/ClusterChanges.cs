using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Gossiping;

namespace Akka.Cluster;

/// <summary>What happened between two views, as events; and one view, as a state.</summary>
internal static class ClusterChanges
{
    public static ClusterEvent.CurrentClusterState StateOf(ClusterView view)
    {
        var members = view.Gossip.Members.Values.ToImmutableSortedSet();
        return new ClusterEvent.CurrentClusterState(
            members,
            [.. members.Where(member => !view.IsReachable(member))],
            [.. view.Gossip.Seen.Select(node => node.Address)],
            view.Leader?.Address!,
            RolesOf(view).ToImmutableDictionary(role => role, role => view.RoleLeader(role)?.Address!)
        );
    }

    /// <remarks>Removals come first: the old incarnation of an address must be gone before the new one appears.</remarks>
    public static IEnumerable<ClusterEvent.IClusterDomainEvent> Between(ClusterView before, ClusterView after) =>
        before.Gossip.SameContentAs(after.Gossip)
            ? []
            :
            [
                .. Removals(before, after),
                .. Statuses(before, after),
                .. Reachability(before, after),
                .. Leaders(before, after),
            ];

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Removals(ClusterView before, ClusterView after)
    {
        foreach (var member in before.Gossip.Members.Values)
        {
            if (after.Gossip.Has(member.UniqueAddress))
                continue;

            var previous = after.Gossip.Tombstones.TryGetValue(member.UniqueAddress, out var tombstone)
                ? tombstone.Previous
                : member.Status;
            yield return new ClusterEvent.MemberRemoved(member.Copy(MemberStatus.Removed), previous);
        }
    }

    /// <remarks>Older members first: who finds itself Up must already know of everyone that was before it.</remarks>
    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Statuses(ClusterView before, ClusterView after)
    {
        foreach (var member in after.Gossip.Members.Values.Order(Member.AgeOrdering))
        {
            var isKnown = before.Gossip.Members.TryGetValue(member.UniqueAddress, out var known);
            if (isKnown && known!.Status == member.Status)
                continue;

            yield return member.Status switch
            {
                MemberStatus.Joining => new ClusterEvent.MemberJoined(member),
                MemberStatus.WeaklyUp => new ClusterEvent.MemberWeaklyUp(member),
                MemberStatus.Up => new ClusterEvent.MemberUp(member),
                MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
                MemberStatus.Exiting => new ClusterEvent.MemberExited(member),
                _ => new ClusterEvent.MemberDowned(member),
            };
        }
    }

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Reachability(ClusterView before, ClusterView after)
    {
        foreach (var node in after.Unreachable.Except(before.Unreachable))
            if (after.Gossip.Members.TryGetValue(node, out var member))
                yield return new ClusterEvent.UnreachableMember(member);

        foreach (var node in before.Unreachable.Except(after.Unreachable))
            if (after.Gossip.Members.TryGetValue(node, out var member))
                yield return new ClusterEvent.ReachableMember(member);
    }

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Leaders(ClusterView before, ClusterView after)
    {
        if (!Equals(before.Leader?.Address, after.Leader?.Address))
            yield return new ClusterEvent.LeaderChanged(after.Leader?.Address!);

        foreach (var role in RolesOf(before).Union(RolesOf(after)))
        {
            var leader = after.RoleLeader(role)?.Address;
            if (!Equals(before.RoleLeader(role)?.Address, leader))
                yield return new ClusterEvent.RoleLeaderChanged(role, leader!);
        }
    }

    private static IEnumerable<string> RolesOf(ClusterView view) =>
        view.Gossip.Members.Values.SelectMany(member => member.Roles).Distinct();
}

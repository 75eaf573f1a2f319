using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Gossiping;

namespace Akka.Embedded.Internals.Tests.Cluster.Campaign;

/// <summary>What no step of any node may break. Sees every change of every node's view.</summary>
internal sealed class MembershipRules(SimulatedCluster cluster, TimeSpan? weaklyUpAfter)
{
    private readonly HashSet<(UniqueAddress Observer, UniqueAddress Node)> _removed = [];
    private readonly Dictionary<UniqueAddress, TimeSpan> _disagreeingSince = [];
    private readonly HashSet<UniqueAddress> _weaklyUp = [];
    private readonly Dictionary<Address, HashSet<UniqueAddress>> _incarnations = [];

    public void Check(ClusterView before, ClusterView after)
    {
        foreach (var member in after.Gossip.Members.Values)
        {
            Remember(member.UniqueAddress);
            CheckMember(before, after, member);
        }

        foreach (var member in before.Gossip.Members.Values)
            if (!after.Gossip.Has(member.UniqueAddress))
                CheckRemoval(after, member);

        Demand(after.Gossip.Seen.All(after.Gossip.Has), after, "someone has seen it who is no member");
        Demand(
            after.Leader is null || (after.Leader.Status != MemberStatus.Down && after.IsReachable(after.Leader)),
            after,
            "the leader is down or unreachable"
        );

        if (after.IsConverged)
            _disagreeingSince.Remove(after.Self);
        else
            _disagreeingSince.TryAdd(after.Self, cluster.Now);
    }

    private void CheckMember(ClusterView before, ClusterView after, Member member)
    {
        var node = member.UniqueAddress;
        Demand(!_removed.Contains((after.Self, node)), after, $"{node} had been removed and is back");
        Demand(
            member.Status != MemberStatus.Up || member.UpNumber != int.MaxValue,
            after,
            $"{node} is up without a number"
        );

        if (before.Gossip.Members.TryGetValue(node, out var earlier))
        {
            Demand(
                earlier.Status.Rank <= member.Status.Rank,
                after,
                $"{node} went from {earlier.Status} to {member.Status}"
            );
            Demand(earlier.UpNumber >= member.UpNumber, after, $"{node} grew younger");
        }

        if (member.Status == MemberStatus.WeaklyUp && _weaklyUp.Add(node))
            CheckWeaklyUp(before, after, member, earlier);
    }

    /// <summary>Whoever first holds a member as weakly up has made it so, and may do that only in some circumstances.</summary>
    private void CheckWeaklyUp(ClusterView before, ClusterView after, Member member, Member? earlier)
    {
        Demand(weaklyUpAfter is not null, after, $"{member} is weakly up although that is off");
        Demand(earlier?.Status == MemberStatus.Joining, after, $"{member} was not joining before");
        Demand(
            before.Leader?.UniqueAddress.Equals(after.Self) == true,
            after,
            $"{member} was not let in by the leader"
        );
        Demand(before.IsReachable(member), after, $"{member} is not reachable");
        Demand(
            _disagreeingSince.TryGetValue(after.Self, out var since) && cluster.Now - since >= weaklyUpAfter,
            after,
            $"{member} is weakly up too soon"
        );
    }

    private void CheckRemoval(ClusterView after, Member member)
    {
        var node = member.UniqueAddress;
        _removed.Add((after.Self, node));
        if (node.Equals(after.Self))
            return;

        var previous = after.Gossip.Tombstones.TryGetValue(node, out var tombstone)
            ? tombstone.Previous
            : (MemberStatus?)null;
        var isReplaced = _incarnations.GetValueOrDefault(node.Address)?.Any(other => other.Uid > node.Uid) == true;
        Demand(
            previous is MemberStatus.Down or MemberStatus.Exiting || isReplaced,
            after,
            $"{node} was removed as {previous?.ToString() ?? "nothing"}"
        );
    }

    private void Remember(UniqueAddress node)
    {
        if (!_incarnations.TryGetValue(node.Address, out var incarnations))
            _incarnations[node.Address] = incarnations = [];
        incarnations.Add(node);
    }

    private static void Demand(bool holds, ClusterView view, string otherwise)
    {
        if (!holds)
            throw new ViolationException($"{view.Self} : {otherwise}");
    }
}

/// <summary>Something happened in a run that never may.</summary>
internal sealed class ViolationException(string message) : Exception(message);

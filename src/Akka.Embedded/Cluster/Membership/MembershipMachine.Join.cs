using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Membership;

internal sealed partial class MembershipMachine
{
    private void OnForm()
    {
        if (!IsMember)
            Change(Gossip.Empty.With(Member.Joining(Self, _options.Roles, _options.AppVersion)));
    }

    private void OnJoinRequested(MembershipInput.JoinRequested join, Moment now)
    {
        if (!Gossip.Members.TryGetValue(Self, out var self) || self.Status.Rank >= MemberStatus.Exiting.Rank)
            return;

        // A removed incarnation must start again to come back: its uid is spent.
        if (join.Node.Equals(Self) || Gossip.Tombstones.ContainsKey(join.Node))
            return;

        if (!Gossip.Has(join.Node))
            Change(
                WithoutOthersAt(Gossip, join.Node, now).With(Member.Joining(join.Node, join.Roles, join.AppVersion))
            );

        // Also when it had joined before: it asks again because the answer was lost.
        _welcome.Add(join.Node);
    }

    private void OnWelcomed(MembershipInput.Welcomed welcomed, Moment now) =>
        OnGossipReceived(new MembershipInput.GossipReceived(welcomed.From, Self, welcomed.Gossip), now);

    /// <summary>
    /// A process answering at an address proves that the ones before it there are dead, without anybody's agreement.
    /// Otherwise a node restarted quickly would wait for the cluster to notice its own death.
    /// </summary>
    private static Gossip WithoutOthersAt(Gossip gossip, UniqueAddress living, Moment now)
    {
        foreach (var member in gossip.Members.Values)
            if (member.Address.Equals(living.Address) && !member.UniqueAddress.Equals(living))
                gossip = gossip.Remove(member.UniqueAddress, new Tombstone(now.UnixSeconds, member.Status));
        return gossip;
    }
}

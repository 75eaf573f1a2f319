using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Membership;

internal sealed partial class MembershipMachine
{
    private void OnGossipReceived(MembershipInput.GossipReceived received, Moment now)
    {
        var remote = received.Gossip;
        if (!received.To.Equals(Self))
            return;

        if (!IsMember)
        {
            // The gossip of a cluster that knows this node is as good as its welcome, which may have been lost.
            if (remote.Has(Self))
                Merge(received, now);
            return;
        }

        if (HasGivenUp(received.From))
        {
            // It does not know that it is out. It must believe us to be in, or the two would tell each other for ever.
            if (remote.Members.TryGetValue(Self, out var self) && self.Status != MemberStatus.Down)
                _gossipTo.Add(received.From);
            return;
        }

        // A stranger's gossip that names this incarnation comes from our cluster: who welcomed it died before telling us.
        if (remote.Has(Self) || (remote.Tombstones.ContainsKey(Self) && Gossip.Has(received.From)))
            Merge(received, now);
    }

    private void Merge(MembershipInput.GossipReceived received, Moment now)
    {
        var before = Gossip;
        var remote = received.Gossip;
        var forgotten = now.UnixSeconds - (long)_options.TombstoneLifetime.TotalSeconds;
        var merged = before.Merge(remote).WithoutTombstonesBefore(forgotten);
        Adopt(merged.Has(Self) ? merged.SeenBy(Self) : merged);

        // Two incarnations of this address joined through different nodes; only this one can tell which of them lives.
        if (merged.Has(Self))
            Change(WithoutOthersAt(Gossip, Self, now));

        var knowsMore = !Gossip.SameContentAs(remote) || !Gossip.Seen.IsSubsetOf(remote.Seen);
        if (knowsMore)
            _gossipTo.Add(received.From);

        // Only the leader waits for everybody to have seen a content, so the news that someone has goes to it.
        if (!Gossip.Seen.SetEquals(before.Seen) && View.Leader is { } leader)
            Tell(leader.UniqueAddress, butNot: received.From);
    }

    private void OnDigestHeard(MembershipInput.DigestHeard heard)
    {
        if (!IsMember)
            return;

        var isOutsider = Gossip.Tombstones.ContainsKey(heard.From);
        if (isOutsider || (Gossip.Has(heard.From) && heard.Digest != Gossip.Digest))
            _gossipTo.Add(heard.From);
    }

    private void OnGossipTick(Moment now)
    {
        if (!IsMember)
            return;

        var unseen = UnseenPeers().ToArray();
        if (unseen.Length > 0)
            _gossipTo.Add(unseen[_random.Next(unseen.Length)]);

        LetJoiningBeWeaklyUp(now);
    }

    /// <summary>Tells those who cannot know yet, some of them at once if they are many.</summary>
    private void Spread(Gossip before)
    {
        // The removed learn that they are; nobody would tell them later.
        foreach (var node in before.Members.Keys)
            if (!Gossip.Has(node))
                Tell(node);

        foreach (var member in Gossip.Members.Values)
            if (member.Status == MemberStatus.Down)
                Tell(member.UniqueAddress);

        if (View.Leader is { } leader && !Gossip.Seen.Contains(leader.UniqueAddress))
            Tell(leader.UniqueAddress);

        // What came from another node was sent by it to all the rest already, if they are few.
        var isOwn = Gossip.Seen.Count <= 1;
        var unseen = UnseenPeers().ToArray();
        if (!isOwn && unseen.Length <= _options.Fanout)
            return;

        _random.Shuffle(unseen);
        foreach (var node in unseen.Take(_options.Fanout))
            Tell(node);
    }

    private IEnumerable<UniqueAddress> UnseenPeers() =>
        Gossip
            .Members.Values.Where(member =>
                member.Status != MemberStatus.Down
                && !member.UniqueAddress.Equals(Self)
                && !Gossip.Seen.Contains(member.UniqueAddress)
                && !Gossip.Reachability.Suspects(Self, member.UniqueAddress)
            )
            .Select(member => member.UniqueAddress);

    private bool HasGivenUp(UniqueAddress node) =>
        Gossip.Tombstones.ContainsKey(node)
        || (Gossip.Members.TryGetValue(node, out var member) && member.Status == MemberStatus.Down);

    private void Tell(UniqueAddress node, UniqueAddress? butNot = null)
    {
        if (!node.Equals(Self) && !node.Equals(butNot))
            _gossipTo.Add(node);
    }
}

using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Membership;

/// <summary>What must now be done, in this order.</summary>
internal abstract record MembershipEffect
{
    private MembershipEffect() { }

    public sealed record SendGossip(UniqueAddress To, Gossip Gossip) : MembershipEffect;

    public sealed record SendWelcome(UniqueAddress To, Gossip Gossip) : MembershipEffect;

    /// <summary>Members, reachability or the seen set differ: subscribers may want to know.</summary>
    public sealed record Changed(Gossip Before, Gossip After) : MembershipEffect;

    /// <summary>This node has left the cluster for good; the machine takes no further input.</summary>
    /// <param name="Last">Down when it was told to go, Removed when it went by itself.</param>
    public sealed record Gone(MemberStatus Last) : MembershipEffect;
}

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Gossiping;
using Akka.Util;

namespace Akka.Cluster.Membership;

/// <summary>What happened, as far as membership is concerned.</summary>
internal abstract record MembershipInput
{
    private MembershipInput() { }

    /// <summary>Nobody is there to be joined: this node starts the cluster.</summary>
    public sealed record Form : MembershipInput;

    public sealed record JoinRequested(UniqueAddress Node, ImmutableHashSet<string> Roles, AppVersion AppVersion)
        : MembershipInput;

    public sealed record Welcomed(UniqueAddress From, Gossip Gossip) : MembershipInput;

    public sealed record GossipReceived(UniqueAddress From, UniqueAddress To, Gossip Gossip) : MembershipInput;

    /// <summary>A heartbeat carried the digest of what its sender holds.</summary>
    public sealed record DigestHeard(UniqueAddress From, long Digest) : MembershipInput;

    public sealed record LeaveRequested(Address Address) : MembershipInput;

    public sealed record DownRequested(Address Address) : MembershipInput;

    /// <summary>The split brain resolver has decided.</summary>
    public sealed record DownDecided(ImmutableArray<UniqueAddress> Nodes) : MembershipInput;

    /// <summary>The failure detector has given a watched node up.</summary>
    public sealed record Unheard(UniqueAddress Node) : MembershipInput;

    /// <summary>A node that was given up answers again.</summary>
    public sealed record HeardAgain(UniqueAddress Node) : MembershipInput;

    /// <summary>An exiting node has finished its work and may be removed.</summary>
    public sealed record ExitingConfirmed(UniqueAddress Node) : MembershipInput;

    /// <summary>The gossip interval has passed. Only needed while the machine is not settled.</summary>
    public sealed record GossipTick : MembershipInput;
}

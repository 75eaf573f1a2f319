using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Gossiping;
using Akka.Event;
using Akka.Remote;
using Akka.Util;

namespace Akka.Cluster.Node;

/// <summary>What the cluster's nodes say to each other.</summary>
/// <remarks>Each is repeated until it has done its work, so none that is lost is worth a dead letter.</remarks>
internal abstract record ClusterMessage : IClusterMessage, IControlMessage, IDeadLetterSuppression
{
    private ClusterMessage() { }

    /// <summary>Are you in a cluster that I could join?</summary>
    public sealed record InitJoin(Address From) : ClusterMessage;

    public sealed record InitJoinAck(Address From) : ClusterMessage;

    public sealed record InitJoinNack(Address From) : ClusterMessage;

    public sealed record Join(UniqueAddress Node, ImmutableHashSet<string> Roles, AppVersion AppVersion)
        : ClusterMessage;

    public sealed record Welcome(UniqueAddress From, UniqueAddress To, Gossip Gossip) : ClusterMessage;

    public sealed record GossipEnvelope(UniqueAddress From, UniqueAddress To, Gossip Gossip) : ClusterMessage;

    /// <param name="Digest">Of what the sender holds, so that a lost gossip is noticed without sending another.</param>
    /// <param name="IsAnswered">The receiver's answer to the one before has come: a round trip, seen from there.</param>
    public sealed record Heartbeat(UniqueAddress From, long Digest, bool IsAnswered) : ClusterMessage;

    public sealed record HeartbeatResponse(UniqueAddress From) : ClusterMessage;

    public sealed record ExitingConfirmed(UniqueAddress Node) : ClusterMessage;
}

using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>What the heartbeat needs of its node.</summary>
/// <param name="Loop">Reads the probe connections and keeps the time between heartbeats.</param>
/// <param name="Formation">The formation that this node belonged to when it last ran.</param>
/// <param name="Replica">The actor of a partition's replica on this node; null if the node holds no data.</param>
internal sealed record LifelineSetup(
    NodeId Self,
    Incarnation Incarnation,
    Electorate Voters,
    LeaseOptions Lease,
    DetectionOptions Detection,
    MonotonicClock Clock,
    LifelineLoop Loop,
    StatusBoard Board,
    PeerSights Sight,
    IActorRef Acceptor,
    IActorRef Register,
    Func<PartitionId, IActorRef?> Replica,
    FormationId? Formation = null
);

/// <summary>What the heartbeat last saw of another node.</summary>
/// <param name="LastHeartbeat">On this node's clock.</param>
internal sealed record PeerSight(
    NodeReport? Report,
    Instant? LastHeartbeat,
    double Phi,
    ProbeState Probe,
    Verdict Verdict
);

/// <summary>The heartbeat's picture of the other nodes, for whoever shows it. Replaced as a whole; any thread reads.</summary>
internal sealed class PeerSights
{
    private volatile IReadOnlyDictionary<NodeId, PeerSight> _peers = new Dictionary<NodeId, PeerSight>();

    public IReadOnlyDictionary<NodeId, PeerSight> Peers => _peers;

    /// <summary>The Monitor singleton runs on this very node.</summary>
    public volatile bool SelfMonitors;

    /// <param name="peers">Nobody changes it afterwards.</param>
    public void Publish(IReadOnlyDictionary<NodeId, PeerSight> peers) => _peers = peers;
}

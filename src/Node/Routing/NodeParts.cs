using Akka.Actor;
using Failover.Core;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;
using Failover.Node.Membership;

namespace Failover.Node.Routing;

/// <summary>The running node, as its HTTP front and its picture need it.</summary>
/// <param name="Partitions">As configured; the formation's own number counts once it is known.</param>
/// <param name="Replica">The actor of a partition's replica on this node; null if the node holds no data.</param>
/// <param name="ReplicaPatience">How long one named replica is waited for.</param>
internal sealed record NodeParts(
    NodeId Self,
    ActorSystem System,
    MonotonicClock Clock,
    PeerDirectory Directory,
    StatusBoard Board,
    PeerSights Sights,
    LogPositions Positions,
    Knowledge Knowledge,
    IActorRef Register,
    IActorRef Router,
    IActorRef StandIn,
    Func<PartitionId, IActorRef?> Replica,
    int Partitions,
    TimeSpan ReplicaPatience
);

/// <summary>The newest committed formation state this node has heard of. Any thread reads.</summary>
internal sealed class Knowledge
{
    private volatile FormationState? _state;

    public FormationState? State => _state;

    public void Learn(FormationState state) => _state = state;
}

using Akka.Actor;
using Akka.Cluster;
using Failover.Core;
using Failover.Messages;

namespace Failover.Monitor;

/// <summary>Turns what the cluster's own failure detector says about members into evidence about nodes.</summary>
public sealed class ClusterCollector : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<Address, NodeId> _nodes = [];
    private readonly HashSet<Address> _unreachable = [];
    private readonly IActorRef _heartbeat;

    public ClusterCollector(IActorRef heartbeat)
    {
        _heartbeat = heartbeat;
        Receive<NodeMet>(m => OnNodeMet(m.Node));
        Receive<ClusterEvent.UnreachableMember>(m => OnReachability(m.Member.Address, reachable: false));
        Receive<ClusterEvent.ReachableMember>(m => OnReachability(m.Member.Address, reachable: true));
        Receive<ClusterEvent.MemberUp>(m => OnReachability(m.Member.Address, reachable: true));
    }

    public static Props Props(IActorRef heartbeat) => ActorProps.From(() => new ClusterCollector(heartbeat));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(NodeMet));
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.MemberUp)
        );
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void OnNodeMet(NodeInfo node)
    {
        var address = Address.Parse(node.Address);
        _nodes[address] = node.Node;
        if (_unreachable.Contains(address))
            _heartbeat.Tell(new ClusterReachability(node.Node, false));
    }

    private void OnReachability(Address address, bool reachable)
    {
        if (reachable ? !_unreachable.Remove(address) : !_unreachable.Add(address))
            return;
        if (_nodes.TryGetValue(address, out var node))
            _heartbeat.Tell(new ClusterReachability(node, reachable));
    }
}

using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Messages;

namespace Failover.Monitor;

/// <summary>
/// Takes a member out of the cluster when its process is known to be gone, so that a Monitor that ran on it can move
/// at once. Members that are merely silent stay: they come back when the network does, and nobody's safety depends
/// on membership.
/// </summary>
public sealed class DeadMemberRemover : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<NodeId, NodeInfo> _nodes = [];
    private readonly HashSet<(NodeId, Incarnation)> _removed = [];
    private readonly IActorRef _heartbeat;

    public DeadMemberRemover(IActorRef heartbeat)
    {
        _heartbeat = heartbeat;
        Receive<NodeMet>(m => _nodes[m.Node.Node] = m.Node);
        Receive<NodeObserved>(m => m.Assessment.Verdict == Verdict.Dead, m => Remove(m.Node, m.Report?.Incarnation));
        Receive<NodeObserved>(_ => { });
    }

    public static Props Props(IActorRef heartbeat) => ActorProps.From(() => new DeadMemberRemover(heartbeat));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(NodeMet));
        _heartbeat.Tell(ObserveNodes.Instance);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Remove(NodeId node, Incarnation? dead)
    {
        // A member is taken out by its address, where by now its successor may live: that one could never come back.
        if (!_nodes.TryGetValue(node, out var info) || info.Incarnation > dead)
            return;
        var member = new UniqueAddress(Address.Parse(info.Address), info.Uid);
        if (_cluster.State.Members.All(m => m.UniqueAddress != member))
            return;
        if (!_removed.Add((node, info.Incarnation)))
            return;
        _log.Info("the process of {0} is gone: {1} leaves the cluster", node, info.Address);
        _cluster.Down(member.Address);
    }
}

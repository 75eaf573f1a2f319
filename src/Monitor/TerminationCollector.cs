using Akka.Actor;
using Failover.Core;
using Failover.Messages;

namespace Failover.Monitor;

/// <summary>Watches every data node's replica from afar; its end, or its node's, is evidence.</summary>
public sealed class TerminationCollector : ReceiveActor
{
    private readonly Dictionary<ActorPath, NodeId> _watched = [];
    private readonly IActorRef _heartbeat;

    public TerminationCollector(NodeId self, IActorRef heartbeat)
    {
        _heartbeat = heartbeat;
        Receive<NodeMet>(m => m.Node.HasData && m.Node.Node != self, m => OnNodeMet(m.Node));
        Receive<ActorIdentity>(m => m.Subject is not null, m => Watch(new NodeId((string)m.MessageId), m.Subject));
        Receive<Terminated>(OnTerminated);
    }

    public static Props Props(NodeId self, IActorRef heartbeat) =>
        ActorProps.From(() => new TerminationCollector(self, heartbeat));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(NodeMet));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private static void OnNodeMet(NodeInfo node) =>
        // A path alone names no incarnation; only a resolved reference ends when its actor does.
        Context
            .ActorSelection($"{node.Address}/user/{ActorNames.Data(new PartitionId(0))}")
            .Tell(new Identify(node.Node.Value));

    private void Watch(NodeId node, IActorRef replica)
    {
        _watched[replica.Path] = node;
        Context.Watch(replica);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (_watched.Remove(terminated.ActorRef.Path, out var node))
            _heartbeat.Tell(new ActorEnded(node));
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core;
using Failover.Messages;

namespace Failover.Node.Membership;

/// <summary>Who is who: the nodes this one has met, and how to reach their actors. One actor writes, any thread reads.</summary>
internal sealed class PeerDirectory(ActorSystem system)
{
    private readonly IActorRefProvider _provider = ((ExtendedActorSystem)system).Provider;
    private volatile ImmutableDictionary<NodeId, NodeInfo> _nodes = ImmutableDictionary<NodeId, NodeInfo>.Empty;
    private readonly ConcurrentDictionary<(string Address, string Name), IActorRef> _actors = new();

    public ImmutableDictionary<NodeId, NodeInfo> Nodes => _nodes;

    public NodeInfo? Find(NodeId node) => _nodes.GetValueOrDefault(node);

    /// <summary>A node's actor by its name below <c>/user</c>; null while the node has not been met.</summary>
    public IActorRef? Actor(NodeId node, string name)
    {
        if (Find(node) is not { } info)
            return null;
        // A path without an incarnation reaches whichever process answers at the address now.
        return _actors.GetOrAdd(
            (info.Address, name),
            static (key, provider) => provider.ResolveActorRef($"{key.Address}/user/{key.Name}"),
            _provider
        );
    }

    /// <returns>False if this very process was known already, or a newer one is.</returns>
    public bool Add(NodeInfo node)
    {
        if (Find(node.Node) is { } known && known.Incarnation >= node.Incarnation)
            return false;
        _nodes = _nodes.SetItem(node.Node, node);
        return true;
    }
}

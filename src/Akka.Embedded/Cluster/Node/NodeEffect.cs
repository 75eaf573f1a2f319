using Akka.Actor;
using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Node;

internal abstract record NodeEffect
{
    private NodeEffect() { }

    public sealed record Send(Address To, ClusterMessage Message) : NodeEffect;

    public sealed record Changed(Gossip Before, Gossip After) : NodeEffect;

    /// <summary>This node is out for good: Down when it was told to go, Removed when it went by itself.</summary>
    public sealed record Gone(MemberStatus Last) : NodeEffect;

    /// <summary>No seed has let this node in within the time it was given.</summary>
    public sealed record JoinFailed : NodeEffect;

    /// <summary>Something an operator may want to read.</summary>
    public sealed record Note(bool IsWarning, string Text) : NodeEffect;
}

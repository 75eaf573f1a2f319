using Akka.Actor;

namespace Akka.Cluster;

/// <summary>Names <see cref="Cluster"/>; the provider <c>cluster</c> starts it with the system.</summary>
public class ClusterExtension : ExtensionIdProvider<Cluster>
{
    public override Cluster CreateExtension(ExtendedActorSystem system) => new((ActorSystemImpl)system);
}

/// <summary>This node could not join.</summary>
public class ClusterJoinFailedException : AkkaException
{
    public ClusterJoinFailedException(string message)
        : base(message) { }
}

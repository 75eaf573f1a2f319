using Akka.Actor;

namespace Akka.Cluster.Tools.Client;

/// <summary>The node's receptionist: what is registered here can be reached by <see cref="ClusterClient"/>s through any node.</summary>
/// <remarks>
/// Start it on every node that clients may contact, best by
/// <c>akka.extensions = ["Akka.Cluster.Tools.Client.ClusterClientReceptionistExtensionProvider, Akka.Cluster.Tools"]</c>.
/// </remarks>
public sealed class ClusterClientReceptionist : IExtension
{
    private readonly Cluster _cluster;
    private readonly string _role;

    public ClusterClientReceptionist(ExtendedActorSystem system)
    {
        _cluster = Cluster.Get(system);
        var options = ReceptionistOptions.Read(system);
        _role = options.Role;
        Underlying = IsTerminated
            ? system.DeadLetters
            : system.SystemActorOf(
                Props.From(() => new Receptionist(options)).WithDispatcher(options.Dispatcher),
                options.Name
            );
    }

    /// <summary>Whether this node has none: its role has none, or its cluster has ended.</summary>
    public bool IsTerminated => _cluster.IsTerminated || (_role.Length > 0 && !_cluster.SelfRoles.Contains(_role));

    /// <summary>The actor that clients talk to; the dead letters where there is none.</summary>
    public IActorRef Underlying { get; }

    public static ClusterClientReceptionist Get(ActorSystem system) =>
        new ClusterClientReceptionistExtensionProvider().Get(system);

    /// <summary>Lets clients reach <paramref name="actorRef"/> by its path, until it stops.</summary>
    public void RegisterService(IActorRef actorRef) => Underlying.Tell(new Receptionist.Register(actorRef));

    public void UnregisterService(IActorRef actorRef) => Underlying.Tell(new Receptionist.Unregister(actorRef));
}

/// <summary>Names <see cref="ClusterClientReceptionist"/>, for <c>akka.extensions</c>.</summary>
public sealed class ClusterClientReceptionistExtensionProvider : ExtensionIdProvider<ClusterClientReceptionist>
{
    public override ClusterClientReceptionist CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <summary><c>akka.cluster.client.receptionist</c>.</summary>
internal sealed record ReceptionistOptions(
    string Name,
    string Role,
    int NumberOfContacts,
    TimeSpan TunnelTimeout,
    string Dispatcher
)
{
    public static ReceptionistOptions Read(ActorSystem system)
    {
        var config = system.Settings.Config.GetConfig("akka.cluster.client.receptionist")!;
        return new ReceptionistOptions(
            config.GetString("name", "receptionist")!,
            config.GetString("role", "")!,
            config.GetInt("number-of-contacts", 3),
            config.GetTimeSpan("response-tunnel-receive-timeout", TimeSpan.FromSeconds(30)),
            config.GetString("use-dispatcher") is { Length: > 0 } dispatcher
                ? dispatcher
                : "akka.actor.default-dispatcher"
        );
    }
}

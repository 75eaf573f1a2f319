using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Client;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>What a receptionist knows of its own node's services and of the others'.</summary>
public sealed class ServiceRegistryStories : IAsyncLifetime
{
    private static readonly UniqueAddress Other = new(new Address("akka.tcp", "sim", "127.0.0.1", 4001), 1);

    private readonly ActorSystem _system = ActorSystem.Create("registry");
    private readonly ServiceRegistry _registry = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public void The_newest_list_of_a_node_counts_in_whatever_order_they_come()
    {
        _registry.Learn(Other, 2, ["/user/b"]);
        _registry.Learn(Other, 1, ["/user/a"]);

        Assert.Empty(_registry.OthersWith("/user/a"));
        Assert.Equal([Other], _registry.OthersWith("/user/b"));
    }

    [Fact]
    public void A_node_that_was_removed_has_no_services()
    {
        _registry.Learn(Other, 1, ["/user/a"]);

        _registry.Forget(Other);

        Assert.Empty(_registry.OthersWith("/user/a"));
    }

    [Fact]
    public void A_service_that_took_the_path_of_a_stopped_one_stays_when_the_other_is_unregistered()
    {
        var first = _system.ActorOf<Idle>("service");
        _registry.Register(first);
        var second = new RootActorPath(first.Path.Address) / "user" / "service";
        var replacement = new Replacement(second.WithUid(first.Path.Uid + 1));
        _registry.Register(replacement);

        Assert.False(_registry.Unregister(first));

        Assert.Same(replacement, _registry.OwnAt("/user/service"));
        Assert.True(_registry.Unregister(replacement));
        Assert.Null(_registry.OwnAt("/user/service"));
        Assert.Equal(3, _registry.Version);
    }

    private sealed class Idle : ReceiveActor;

    private sealed class Replacement(ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;
    }
}

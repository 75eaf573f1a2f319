using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Event;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>One instance in the whole cluster, wherever it is asked from.</summary>
public sealed class SingletonSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.StopAll();

    [Fact]
    public async Task The_oldest_node_hosts_it_and_everybody_reaches_it_through_a_proxy()
    {
        var systems = await _cluster.Form(3);
        var proxies = systems.Select(Host).ToArray();

        var answers = await Task.WhenAll(proxies.Select(proxy => proxy.Ask<string>("where", Patience)));

        Assert.All(answers, answer => Assert.Equal(SelfAddress(systems[0]).ToString(), answer));
    }

    [Fact]
    public async Task It_moves_to_the_next_oldest_when_its_node_leaves()
    {
        var systems = await _cluster.Form(3);
        var proxies = systems.Select(Host).ToArray();
        await proxies[1].Ask<string>("where", Patience);
        var started = InstanceStarts(systems[1]);

        var left = Akka.Cluster.Cluster.Get(systems[0]).LeaveAsync();

        await UntilHostedBy(systems[1], started, proxies[1]);
        await left.WaitAsync(Patience);
    }

    [Fact]
    public async Task It_comes_back_on_the_next_oldest_after_its_node_has_died()
    {
        var systems = await _cluster.Form(3);
        var proxies = systems.Select(Host).ToArray();
        await proxies[2].Ask<string>("where", Patience);
        var started = InstanceStarts(systems[1]);

        await Crash(systems[0]);
        await UntilUp(systems[2], 2);
        await UntilHostedBy(systems[1], started, proxies[2]);
    }

    /// <summary>
    /// Waits for the instance to start there; only then asks, and again if need be: what is told to an instance on its
    /// way out is lost, as any message may be.
    /// </summary>
    private static async Task UntilHostedBy(ActorSystem expected, Task started, IActorRef proxy)
    {
        await started.WaitAsync(Patience);
        for (var attempt = 1; ; attempt++)
            try
            {
                var answer = await proxy.Ask<string>("where", TimeSpan.FromMilliseconds(500));
                Assert.Equal(SelfAddress(expected).ToString(), answer);
                return;
            }
            catch (AskTimeoutException) when (attempt < 20)
            {
                expected.Log.Debug("Asked in vain {0} times", attempt);
            }
    }

    private static Task InstanceStarts(ActorSystem system)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = system.ActorOf(Props.Create(() => new Listener(started)));
        system.EventStream.Subscribe(listener, typeof(Started));
        return started.Task;
    }

    private sealed record Started;

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource started) => Receive<Started>(_ => started.TrySetResult());
    }

    private static IActorRef Host(ActorSystem system)
    {
        system.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new Where()),
                PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(system).WithSingletonName("where")
            ),
            "manager"
        );
        return system.ActorOf(
            ClusterSingletonProxy.Props(
                "/user/manager",
                ClusterSingletonProxySettings.Create(system).WithSingletonName("where")
            ),
            "proxy"
        );
    }

    private sealed class Where : ReceiveActor
    {
        public Where() =>
            Receive<string>(_ => Sender.Tell(Akka.Cluster.Cluster.Get(Context.System).SelfAddress.ToString()));

        protected override void PreStart() => Context.System.EventStream.Publish(new Started());
    }
}

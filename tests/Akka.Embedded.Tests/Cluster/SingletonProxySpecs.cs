using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Event;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>What a proxy does with messages while it does not know where the singleton is, and where it looks for it.</summary>
public sealed class SingletonProxySpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.StopAll();

    [Fact]
    public async Task Messages_are_kept_in_their_order_until_the_singleton_is_there()
    {
        var system = _cluster.Start();
        var proxy = Proxy(system, bufferSize: 1000);
        for (var i = 1; i <= 5; i++)
            proxy.Tell($"{i}");

        var recorded = Host(system, expected: 5);
        await JoinItself(system);

        Assert.Equal(["1", "2", "3", "4", "5"], await recorded.WaitAsync(Patience));
    }

    [Fact]
    public async Task When_the_buffer_is_full_the_oldest_message_is_dropped()
    {
        var system = _cluster.Start();
        var proxy = Proxy(system, bufferSize: 2);
        for (var i = 1; i <= 3; i++)
            proxy.Tell($"{i}");

        var recorded = Host(system, expected: 2);
        await JoinItself(system);

        Assert.Equal(["2", "3"], await recorded.WaitAsync(Patience));
    }

    [Fact]
    public async Task Without_a_buffer_nothing_is_kept()
    {
        var system = _cluster.Start();
        var proxy = Proxy(system, bufferSize: 0);
        proxy.Tell("early");
        // Whoever answers this has had the message before it.
        await proxy.Ask<ActorIdentity>(new Identify(0), Patience);

        var recorded = Host(system, expected: 1);
        await JoinItself(system);
        var telling = system.Scheduler.ScheduleTellRepeatedlyCancelable(50, 50, proxy, "in time", ActorRefs.NoSender);

        Assert.Equal(["in time"], await recorded.WaitAsync(Patience));
        telling.Cancel();
    }

    [Fact]
    public async Task The_oldest_node_of_the_role_hosts_it_and_proxies_on_all_nodes_find_it_there()
    {
        var first = _cluster.Start();
        await JoinItself(first);
        var second = _cluster.Start("akka.cluster.roles = [host]");
        ClusterNode.Get(second).Join(SelfAddress(first));
        await UntilUp(second, 2);
        var third = _cluster.Start("akka.cluster.roles = [host]");
        ClusterNode.Get(third).Join(SelfAddress(first));
        await Task.WhenAll(UntilUp(first, 3), UntilUp(second, 3), UntilUp(third, 3));
        foreach (var system in new[] { third, second })
            Start(system, Props.Create(() => new Where()), role: "host");

        var answers = await Task.WhenAll(
            new[] { first, second, third }.Select(system =>
                Proxy(system, bufferSize: 100, role: "host").Ask<string>("where", Patience)
            )
        );

        Assert.All(answers, answer => Assert.Equal(SelfAddress(second).ToString(), answer));
    }

    private static Task JoinItself(ActorSystem system) => ClusterNode.Get(system).JoinAsync(SelfAddress(system));

    private static IActorRef Proxy(ActorSystem system, int bufferSize, string role = "") =>
        system.ActorOf(
            ClusterSingletonProxy.Props(
                "/user/manager",
                ClusterSingletonProxySettings
                    .Create(system)
                    .WithRole(role)
                    .WithBufferSize(bufferSize)
                    .WithSingletonIdentificationInterval(TimeSpan.FromMilliseconds(100))
            )
        );

    private static Task<string[]> Host(ActorSystem system, int expected)
    {
        var recorded = new TaskCompletionSource<string[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(system, Props.Create(() => new Recorder(expected, recorded)), role: "");
        return recorded.Task;
    }

    private static void Start(ActorSystem system, Props singleton, string role) =>
        system.ActorOf(
            ClusterSingletonManager.Props(
                singleton,
                PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(system).WithRole(role)
            ),
            "manager"
        );

    private sealed class Where : ReceiveActor
    {
        public Where() => Receive<string>(_ => Sender.Tell(ClusterNode.Get(Context.System).SelfAddress.ToString()));
    }

    private sealed class Recorder : ReceiveActor
    {
        private readonly List<string> _messages = [];

        public Recorder(int expected, TaskCompletionSource<string[]> recorded)
        {
            Receive<string>(message =>
            {
                _messages.Add(message);
                if (_messages.Count == expected)
                    recorded.TrySetResult([.. _messages]);
            });
        }
    }
}

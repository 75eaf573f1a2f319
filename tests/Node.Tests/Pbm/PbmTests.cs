using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Failover.Node.Pbm;

namespace Failover.Node.Tests.Pbm;

/// <summary>A real node of a cluster in this process, with an inspection port.</summary>
public abstract class PbmTests : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];
    private readonly List<PbmClient> _clients = [];

    private protected ActorSystem System { get; private set; } = null!;

    private protected PbmHost Host { get; private set; } = null!;

    private protected virtual PbmOptions Options => new() { Node = "app1" };

    private protected string Address => AddressOf(System);

    public Task InitializeAsync()
    {
        System = StartSystem();
        Host = new PbmHost(Options, System, TimeProvider.System);
        Host.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Host.DisposeAsync();
        await Task.WhenAll(_systems.Select(Crash));
    }

    private protected static string AddressOf(ActorSystem system) => Cluster.Get(system).SelfAddress.ToString();

    /// <summary>Ends a system as SIGKILL ends a process.</summary>
    private protected static Task Crash(ActorSystem system)
    {
        ((ExtendedActorSystem)system).Abort();
        return system.WhenTerminated;
    }

    private protected ActorSystem StartSystem()
    {
        var system = ActorSystem.Create(
            "pbm",
            ConfigurationFactory.ParseString(
                """
                akka {
                  loglevel = INFO
                  stdout-loglevel = OFF
                  loggers = ["Failover.Node.Hosting.LoggingBridge, Failover.Node"]
                  actor.provider = cluster
                  remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
                  coordinated-shutdown.exit-clr = off
                  cluster {
                    roles = ["monitor", "data"]
                    app-version = "1.2.3"
                    failure-detector { heartbeat-interval = 100ms, acceptable-heartbeat-pause = 1s }
                    unreachable-nodes-reaper-interval = 100ms
                    # Nobody is taken out but by command.
                    split-brain-resolver.stable-after = 1h
                  }
                }
                """
            )
        );
        _systems.Add(system);
        return system;
    }

    private protected async Task<PbmClient> Connect()
    {
        var (client, greeting) = await PbmClient.Connect(Host.EndPoint);
        _clients.Add(client);
        Assert.Equal("failover-pbm/1 app1", greeting);
        return client;
    }

    /// <summary>Makes the node the only member of a cluster.</summary>
    private protected async Task Up()
    {
        var client = await Connect();
        await client.Send("cluster tail\n");
        await client.LineWith("Count:");
        Cluster.Get(System).Join(Cluster.Get(System).SelfAddress);
        await client.LineWith($"{Address} | [data, monitor] | up");
        await client.Send("stop\n");
        await client.Answer();
    }
}

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Monitor;
using Failover.Node.Configuration;
using Failover.Node.Http;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Replication;
using Failover.Node.Routing;
using Failover.Node.Storage;
using Microsoft.Extensions.Logging;

namespace Failover.Node.Hosting;

/// <summary>One running node: its data directory, its actors and its HTTP front, put together and taken apart in order.</summary>
internal sealed class NodeHost : IAsyncDisposable
{
    private const string Lifeline = "failover-lifeline-dispatcher";

    private readonly NodeSettings _settings;
    private readonly NodeDirectory _disk;
    private readonly ActorSystem _system;
    private readonly ProbeListener _probe;
    private readonly MetricsRegistry _metrics;
    private readonly HttpFront? _http;
    private readonly NodeService _service;

    private NodeHost(
        NodeSettings settings,
        NodeDirectory disk,
        ActorSystem system,
        ProbeListener probe,
        MetricsRegistry metrics,
        HttpFront? http,
        NodeService service
    )
    {
        _settings = settings;
        _disk = disk;
        _system = system;
        _probe = probe;
        _metrics = metrics;
        _http = http;
        _service = service;
    }

    public INodeService Service => _service;

    public ActorSystem System => _system;

    /// <summary>The HTTP front's base address; null if the node serves no HTTP.</summary>
    public Uri? Url => _http?.Url;

    /// <summary>Completes when the actor system has ended, by itself or because the host was disposed.</summary>
    public Task Ended => _system.WhenTerminated;

    /// <exception cref="DataDirectoryException">The data directory cannot be used.</exception>
    /// <exception cref="StorageException">What is in it cannot be read.</exception>
    /// <exception cref="HttpBindException">The HTTP port cannot be had.</exception>
    /// <exception cref="SettingsException">An address or port of the engine or the probe cannot be had.</exception>
    public static async Task<NodeHost> Start(
        NodeSettings settings,
        ILoggerFactory loggers,
        CancellationToken cancellation
    )
    {
        var disk = NodeDirectory.Open(settings.DataDirectory, settings.Node, TimeProvider.System);
        ActorSystem? system = null;
        try
        {
            system = CreateSystem(settings);
            return await Start(settings, disk, system, loggers, cancellation).ConfigureAwait(false);
        }
        catch
        {
            if (system is not null)
                await system.Terminate().ConfigureAwait(false);
            disk.Dispose();
            throw;
        }
    }

    /// <summary>Stops gracefully: hands every primary role over, leaves the cluster, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _service.HandOverAll(_settings.Replication.SwitchoverTimeout).ConfigureAwait(false);
        if (_http is not null)
            await _http.DisposeAsync().ConfigureAwait(false);
        await CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        _probe.Dispose();
        _metrics.Dispose();
        _disk.Dispose();
    }

    private static ActorSystem CreateSystem(NodeSettings settings)
    {
        try
        {
            return ActorSystem.Create(ActorNames.System, settings.Config);
        }
        catch (Exception failed) when (SocketErrorIn(failed) is { } error)
        {
            var host = settings.Config.GetString("akka.remote.dot-netty.tcp.hostname");
            var port = settings.Config.GetInt("akka.remote.dot-netty.tcp.port");
            throw new SettingsException($"remoting port {port} on {host} cannot be used: {error.Message}");
        }
    }

    private static SocketException? SocketErrorIn(Exception failed)
    {
        for (
            Exception? e = failed;
            e is not null;
            e = e is AggregateException many ? many.InnerExceptions[0] : e.InnerException
        )
        {
            if (e is SocketException socket)
                return socket;
        }

        return null;
    }

    private static async Task<NodeHost> Start(
        NodeSettings settings,
        NodeDirectory disk,
        ActorSystem system,
        ILoggerFactory loggers,
        CancellationToken cancellation
    )
    {
        var clock = new MonotonicClock(TimeProvider.System);
        var directory = new PeerDirectory(system);
        var board = new StatusBoard(settings.Partitions);
        var sights = new PeerSights();
        var knowledge = new Knowledge();
        var observer = new NodeObserver(settings.Node, TimeProvider.System);
        system.ActorOf(Props.Create(() => new ObserverActor(observer, knowledge)), "observer");

        var acceptor = system.ActorOf(
            Props
                .Create(() => new AcceptorActor(settings.Node, disk.File("acceptor"), settings.Lease, clock))
                .WithDispatcher(Lifeline),
            ActorNames.Acceptor
        );
        var proposing = new ProposerOptions
        {
            Self = settings.Node,
            Incarnation = disk.Incarnation,
            Voters = settings.Voters,
        };
        var register = system.ActorOf(
            Props.Create(() => new RegisterActor(proposing, directory, clock)).WithDispatcher(Lifeline),
            ActorNames.Register
        );

        var replicas = new IActorRef?[settings.Partitions];
        IActorRef? Replica(PartitionId partition) =>
            partition.Value < replicas.Length ? Volatile.Read(ref replicas[partition.Value]) : null;
        var lifeline = new LifelineSetup(
            settings.Node,
            disk.Incarnation,
            settings.Voters,
            settings.Lease,
            settings.Detection,
            clock,
            board,
            sights,
            acceptor,
            register,
            Replica
        );
        var heartbeat = system.ActorOf(
            Props.Create(() => new HeartbeatActor(lifeline)).WithDispatcher(Lifeline),
            ActorNames.Heartbeat
        );
        var probe = ListenForProbes(settings, heartbeat);

        var metrics = new MetricsRegistry();
        var measured = new FailoverMetrics(metrics);
        if (settings.HasData)
        {
            for (var i = 0; i < replicas.Length; i++)
                Volatile.Write(
                    ref replicas[i],
                    StartReplica(
                        settings,
                        disk,
                        system,
                        new PartitionId(i),
                        directory,
                        clock,
                        board,
                        register,
                        heartbeat,
                        measured
                    )
                );
        }

        var monitoring = MonitorSetup(settings, register, heartbeat, clock);
        var standIn = system.ActorOf(
            MonitorActor.Props(monitoring, settings.HasData ? Mandate.StandIn : Mandate.Operator),
            ActorNames.StandIn
        );
        system.ActorOf(ClusterCollector.Props(heartbeat), "cluster-collector");
        system.ActorOf(TerminationCollector.Props(settings.Node, heartbeat), "termination-collector");
        if (settings.MayMonitor)
            StartMonitor(system, monitoring);

        var router = system.ActorOf(
            Props.Create(() => new RouterActor(settings.Node, disk.Incarnation, directory, clock)),
            ActorNames.Router
        );
        var parts = new NodeParts(
            settings.Node,
            system,
            clock,
            directory,
            board,
            sights,
            knowledge,
            register,
            router,
            standIn,
            Replica,
            settings.Partitions,
            ReplicaPatience: TimeSpan.FromSeconds(2)
        );
        var service = new NodeService(parts, observer);
        var http = settings.Http.Enabled
            ? await StartHttp(settings, disk.Incarnation, service, metrics, loggers, cancellation).ConfigureAwait(false)
            : null;

        // Only now can this node say where it is; from here on the others find it.
        probe.Start();
        var self = Introduce(settings, disk, system, probe, http);
        var seeds = settings.Config.GetStringList("akka.cluster.seed-nodes").Select(Address.Parse).ToImmutableArray();
        system.ActorOf(Props.Create(() => new DirectoryActor(self, directory, seeds)), ActorNames.Directory);
        return new NodeHost(settings, disk, system, probe, metrics, http, service);
    }

    private static ProbeListener ListenForProbes(NodeSettings settings, IActorRef heartbeat)
    {
        if (!IPAddress.TryParse(settings.ProbeHost, out var address))
            throw new SettingsException($"failover.probe.host must be an IP address, not \"{settings.ProbeHost}\"");
        try
        {
            return new ProbeListener(address, settings.ProbePort, heartbeat);
        }
        catch (SocketException failed)
        {
            throw new SettingsException(
                $"probe port {settings.ProbePort} on {settings.ProbeHost} cannot be used: {failed.Message}"
            );
        }
    }

    private static IActorRef StartReplica(
        NodeSettings settings,
        NodeDirectory disk,
        ActorSystem system,
        PartitionId partition,
        PeerDirectory directory,
        MonotonicClock clock,
        StatusBoard board,
        IActorRef register,
        IActorRef heartbeat,
        FailoverMetrics metrics
    )
    {
        var (store, recovered, attach) = ReplicaDisk.Open(settings, disk, partition, metrics);
        var options = new ReplicaOptions
        {
            Self = new ReplicaId(settings.Node, recovered.Data),
            Partition = partition,
            Durable = settings.Replication.Durable,
            MinInSync = settings.Replication.MinInSync,
            ReplicaTimeout = settings.Replication.ReplicaTimeout,
            SwitchoverTimeout = settings.Replication.SwitchoverTimeout,
            SessionCapacity = settings.Replication.Sessions,
        };
        var setup = new DataSetup(
            options,
            directory,
            clock,
            board,
            register,
            heartbeat,
            Patience: TimeSpan.FromSeconds(5),
            settings.Replication.SnapshotAfter
        );
        var actor = system.ActorOf(
            Props.Create(() => new DataActor(setup, store, recovered)),
            ActorNames.Data(partition)
        );
        attach(actor);
        return actor;
    }

    private static MonitorSetup MonitorSetup(
        NodeSettings settings,
        IActorRef register,
        IActorRef heartbeat,
        MonotonicClock clock
    ) =>
        new(
            new PolicyOptions
            {
                Self = settings.Node,
                Voters = settings.Voters,
                Partitions = settings.Partitions,
                NewFormation = new FormationId(Guid.NewGuid()),
                Detection = settings.Detection,
                AbsenceTimeout = settings.AbsenceTimeout,
            },
            register,
            heartbeat,
            clock,
            Patience: TimeSpan.FromSeconds(5)
        );

    private static void StartMonitor(ActorSystem system, MonitorSetup setup) =>
        system.ActorOf(
            ClusterSingletonManager.Props(
                MonitorActor.Props(setup, Mandate.Monitor),
                PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(system).WithRole(NodeInfo.MonitorRole)
            ),
            ActorNames.Monitor
        );

    private static Task<HttpFront> StartHttp(
        NodeSettings settings,
        Incarnation incarnation,
        NodeService service,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        CancellationToken cancellation
    )
    {
        var options = new HttpOptions
        {
            Host = settings.Http.Host,
            Port = settings.Http.Port,
            AuthToken = settings.Http.AuthToken,
            RequestTimeout = settings.Http.RequestTimeout,
            InstanceId = $"{settings.Node}-{incarnation}",
            Configuration = () => EffectiveConfiguration.Show(settings.Config),
            Limits = new HttpLimits
            {
                Key = checked((int)settings.Http.KeyBytes),
                Value = checked((int)settings.Http.ValueBytes),
                UpdateEntries = settings.Http.UpdateEntries,
                Body = checked((int)settings.Http.BodyBytes),
            },
        };
        return HttpFront.Start(options, service, metrics, loggers, cancellation);
    }

    private static NodeInfo Introduce(
        NodeSettings settings,
        NodeDirectory disk,
        ActorSystem system,
        ProbeListener probe,
        HttpFront? http
    ) =>
        new(
            settings.Node,
            disk.Incarnation,
            settings.Roles,
            Cluster.Get(system).SelfAddress.ToString(),
            http?.Url.ToString().TrimEnd('/') ?? "",
            settings.ProbeHost,
            probe.Port,
            NodeVersion.Text
        );
}

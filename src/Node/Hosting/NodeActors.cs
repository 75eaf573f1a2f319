using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Failover.Core;
using Failover.Core.Application;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Monitor;
using Failover.Node.Application;
using Failover.Node.Configuration;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Replication;
using Failover.Node.Routing;
using Failover.Node.Storage;
using Microsoft.Extensions.Logging;

namespace Failover.Node.Hosting;

/// <summary>
/// A node's actors, created in the order in which they need each other: votes, register, heartbeat, replicas, Monitor,
/// router; last, once everything listens, the directory that makes this node known.
/// </summary>
internal sealed partial class NodeActors : IDisposable
{
    /// <summary>How long one proposal to the register may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NodeSettings _settings;
    private readonly NodeDirectory _disk;
    private readonly ActorSystem _system;
    private readonly FailoverMetrics _metrics;
    private readonly ILogger _log;
    private readonly MonotonicClock _clock = new(TimeProvider.System);
    private readonly StatusBoard _board;
    private readonly PeerSights _sights = new();
    private readonly LogPositions _positions;
    private readonly Knowledge _knowledge = new();
    private readonly PeerDirectory _directory;
    private readonly IActorRef?[] _replicas;
    private readonly IActorRef _register;
    private Electorate _electorate;
    private FormationMemory _formation = null!;
    private readonly LifelineLoop _loop;
    private readonly IActorRef _heartbeat;
    private readonly ProbeListener _probe;
    private readonly IActorRef _standIn;
    private readonly IActorRef _router;
    private readonly IActorRef _vital;
    private readonly List<IActorRef> _listeners = [];
    private IActorRef? _application;

    /// <exception cref="StorageException">What the node has on disk cannot be read.</exception>
    /// <exception cref="SettingsException">The probe's address or port cannot be had, or a program of the operator's.</exception>
    public NodeActors(
        NodeSettings settings,
        NodeDirectory disk,
        ActorSystem system,
        FailoverMetrics metrics,
        ILoggerFactory loggers
    )
    {
        _settings = settings;
        _disk = disk;
        _system = system;
        _metrics = metrics;
        _log = loggers.CreateLogger<NodeActors>();
        _board = new StatusBoard(settings.Partitions);
        _positions = new LogPositions(_board, _sights);
        _directory = new PeerDirectory(system);
        _replicas = new IActorRef?[settings.Partitions];
        Observer = new NodeObserver(settings.Node, TimeProvider.System);

        _vital = system.ActorOf(ActorProps.From(() => new VitalActors()), "vital");
        StartVital(ActorProps.From(() => new ObserverActor(Observer, _knowledge, metrics)), "observer");
        _loop = LifelineDispatcher.LoopOf(system);
        var acceptor = StartAcceptor();
        _register = StartRegister();
        _heartbeat = StartHeartbeat(acceptor);
        _probe = ListenForProbes();
        if (settings.HasData)
        {
            for (var i = 0; i < _replicas.Length; i++)
                Volatile.Write(ref _replicas[i], StartReplica(new PartitionId(i)));
        }

        if (settings.Health is { } health)
            StartHealthChecks(health);
        if (settings is { HasData: true, Handler: { } handler })
            StartApplication(handler);
        _standIn = StartMonitoring();
        _router = StartVital(
            ActorProps.From(() => new RouterActor(settings.Node, disk.Incarnation, _directory, _clock, _positions.Of)),
            ActorNames.Router
        );
    }

    public NodeObserver Observer { get; }

    public NodeParts Parts =>
        new(
            _settings.Node,
            _system,
            _clock,
            _directory,
            _board,
            _sights,
            _positions,
            _knowledge,
            _register,
            _router,
            _standIn,
            Replica,
            _settings.Partitions,
            ReplicaPatience: TimeSpan.FromSeconds(2)
        );

    /// <summary>From here on the others find this node. Whom it meets is said once, so all must listen by then.</summary>
    /// <param name="http">Where it serves HTTP; null if it does not.</param>
    /// <param name="pbm">Where its inspection port is.</param>
    public async Task Introduce(Uri? http, string pbm, CancellationToken cancellation)
    {
        var listening = Task.WhenAll(_listeners.Select(l => l.Ask<ActorIdentity>(new Identify(nameof(Introduce)))));
        var ready = await Task.WhenAny(listening, _system.WhenTerminated).WaitAsync(cancellation).ConfigureAwait(false);
        await ready.ConfigureAwait(false);
        _probe.Start();
        var self = new NodeInfo(
            _settings.Node,
            _disk.Incarnation,
            _settings.Roles,
            ((ExtendedActorSystem)_system).Provider.DefaultAddress.ToString(),
            http?.ToString().TrimEnd('/') ?? "",
            _settings.ProbeHost,
            _probe.Port,
            NodeVersion.Text
        )
        {
            Pbm = pbm,
            Uid = Akka.Cluster.Cluster.Get(_system).SelfUniqueAddress.Uid,
        };
        var seeds = _settings.Config.GetStringList("akka.cluster.seed-nodes").Select(Address.Parse).ToImmutableArray();
        StartVital(ActorProps.From(() => new DirectoryActor(self, _directory, seeds)), ActorNames.Directory);
    }

    /// <summary>The node stops, and its role is gone: no application of the operator's shall be left primary here.</summary>
    public async Task TakeApplicationDown()
    {
        if (_application is null || _settings.Handler is not { } handler)
            return;
        try
        {
            await _application
                .Ask<ApplicationActor.IsDown>(ApplicationActor.TakeDown.Instance, handler.Timeout)
                .ConfigureAwait(false);
        }
        catch (Exception late) when (late is AskTimeoutException or TaskCanceledException)
        {
            LogNotDown(handler.Timeout.TotalSeconds);
        }
    }

    public void Dispose() => _probe.Dispose();

    private IActorRef? Replica(PartitionId partition) =>
        (uint)partition.Value < _replicas.Length ? Volatile.Read(ref _replicas[partition.Value]) : null;

    /// <summary>Starts an actor with which the whole node ends. An acceptor or a replica may end alone: the others go on without it.</summary>
    private IActorRef StartVital(Props props, string name)
    {
        var actor = _system.ActorOf(props, name);
        _vital.Tell(new VitalActors.Needed(actor));
        _listeners.Add(actor);
        return actor;
    }

    private IActorRef StartAcceptor()
    {
        _formation = FormationMemory.Open(_disk.File("formation"));
        var memory = AcceptorMemory.Open(_disk.File("acceptor"));
        // The configured list founds a formation. Later the voters may be others, and those of long ago may be gone.
        _electorate = memory.Recovered.State?.Electorate ?? _settings.Voters;
        return _system.ActorOf(
            ActorProps
                .From(() =>
                    new AcceptorActor(
                        _settings.Node,
                        memory,
                        _settings.Lease,
                        _settings.Detection.HungAfter,
                        _clock,
                        _disk.Incarnation,
                        _formation.Known,
                        _directory
                    )
                )
                .WithDispatcher(LifelineDispatcher.Path),
            ActorNames.Acceptor
        );
    }

    private IActorRef StartRegister()
    {
        var options = new ProposerOptions
        {
            Self = _settings.Node,
            Incarnation = _disk.Incarnation,
            Electorate = _electorate,
            Formation = _formation.Known,
        };
        return _system.ActorOf(
            ActorProps
                .From(() => new RegisterActor(options, _formation, _directory, _clock, _metrics))
                .WithDispatcher(LifelineDispatcher.Path),
            ActorNames.Register
        );
    }

    private IActorRef StartHeartbeat(IActorRef acceptor)
    {
        var setup = new LifelineSetup(
            _settings.Node,
            _disk.Incarnation,
            _electorate,
            _settings.Lease,
            _settings.Detection,
            _clock,
            _loop,
            _board,
            _sights,
            acceptor,
            _register,
            Replica,
            _formation.Known
        );
        return StartVital(
            ActorProps.From(() => new HeartbeatActor(setup)).WithDispatcher(LifelineDispatcher.Path),
            ActorNames.Heartbeat
        );
    }

    private ProbeListener ListenForProbes()
    {
        if (!IPAddress.TryParse(_settings.ProbeHost, out var address))
            throw new SettingsException($"failover.probe.host must be an IP address, not \"{_settings.ProbeHost}\"");
        try
        {
            return new ProbeListener(address, _settings.ProbePort, _heartbeat, _loop);
        }
        catch (SocketException failed)
        {
            throw new SettingsException(
                $"probe port {_settings.ProbePort} on {_settings.ProbeHost} cannot be used: {failed.Message}"
            );
        }
    }

    private void StartHealthChecks(HealthSettings settings)
    {
        var program = new OperatorProgram(
            "failover.health.command",
            _settings.Node,
            settings.Command,
            settings.Timeout,
            leavesChildren: false
        );
        Func<Task<string?>> check = () => program.Start().Ended;
        StartVital(ActorProps.From(() => new HealthActor(settings, check, _board, _heartbeat, _metrics)), "health");
    }

    private void StartApplication(HandlerSettings settings)
    {
        var setup = new ApplicationSetup(
            _settings.Node,
            new RoleKeeperOptions(settings.Timeout, settings.Repeat),
            new ApplicationHealth(settings.Failures, settings.Recoveries, "the application's handler"),
            _settings.Lease.Duration,
            new ApplicationHandler(_settings.Node, settings, _directory).Start,
            _clock,
            _board,
            _knowledge,
            _sights,
            _directory,
            _heartbeat,
            _metrics
        );
        _application = StartVital(ActorProps.From(() => new ApplicationActor(setup)), ActorNames.Application);
    }

    private IActorRef StartReplica(PartitionId partition)
    {
        var (store, recovered, attach) = ReplicaDisk.Open(_settings, _disk, partition, _metrics);
        foreach (var problem in recovered.Problems)
            LogDataLost(partition, problem);
        if (recovered.TailCut is { } cut)
            LogTailCut(partition, cut);

        var replication = _settings.Replication;
        var options = new ReplicaOptions
        {
            Self = new ReplicaId(_settings.Node, recovered.Data),
            Partition = partition,
            Durable = replication.Durable,
            MinInSync = replication.MinInSync,
            ReplicaTimeout = replication.ReplicaTimeout,
            SwitchoverTimeout = replication.SwitchoverTimeout,
        };
        var setup = new DataSetup(
            options,
            _directory,
            _clock,
            _board,
            _register,
            _heartbeat,
            _metrics,
            Patience,
            replication.SnapshotAfter
        )
        {
            SignOfLifeEvery = _settings.Detection.HungAfter * 0.4,
        };
        var actor = _system.ActorOf(
            ActorProps.From(() => new DataActor(setup, store, recovered)),
            ActorNames.Data(partition)
        );
        attach(actor);
        return actor;
    }

    /// <returns>The actor that stands by on this node, which also carries out what an operator forces.</returns>
    private IActorRef StartMonitoring()
    {
        var setup = new MonitorSetup(
            new PolicyOptions
            {
                Self = _settings.Node,
                Voters = _settings.Voters,
                Partitions = _settings.Partitions,
                NewFormation = new FormationId(Guid.NewGuid()),
                Detection = _settings.Detection,
                AbsenceTimeout = _settings.AbsenceTimeout,
                BackOffMin = _settings.BackOffMin,
                HealthBackOff = _settings.HealthBackOff,
                BackOffMax = _settings.BackOffMax,
            },
            _register,
            _heartbeat,
            _clock,
            (node, partition) => _directory.Actor(node, ActorNames.Data(partition)),
            Patience
        );
        StartVital(ClusterCollector.Props(_heartbeat), "cluster-collector");
        StartVital(TerminationCollector.Props(_settings.Node, _heartbeat), "termination-collector");
        StartVital(DeadMemberRemover.Props(_heartbeat), "dead-member-remover");
        if (_settings.MayMonitor)
        {
            var singleton = ClusterSingletonManager.Props(
                MonitorActor.Props(setup, Mandate.Monitor),
                PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(_system).WithRole(NodeInfo.MonitorRole)
            );
            _system.ActorOf(singleton, ActorNames.Monitor);
        }

        return StartVital(
            MonitorActor.Props(setup, _settings.HasData ? Mandate.StandIn : Mandate.Operator),
            ActorNames.StandIn
        );
    }

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Error,
        Message = "partition {Partition}: its data is damaged and was moved aside ({Problem}); it starts empty and joins anew"
    )]
    private partial void LogDataLost(PartitionId partition, StorageProblem problem);

    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Information,
        Message = "partition {Partition}: the last write was cut short by a crash and was never acknowledged ({Cut})"
    )]
    private partial void LogTailCut(PartitionId partition, StorageProblem cut);

    [LoggerMessage(
        EventId = 3,
        Level = LogLevel.Warning,
        Message = "the application was not made a standby within {Seconds} s; the node stops all the same"
    )]
    private partial void LogNotDown(double seconds);
}

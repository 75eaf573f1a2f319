using System.Net;
using System.Net.Sockets;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Failover.Messages;
using Failover.Node.Configuration;
using Failover.Node.Http;
using Failover.Node.Metrics;
using Failover.Node.Pbm;
using Failover.Node.Routing;
using Failover.Node.Storage;
using Microsoft.Extensions.Logging;

namespace Failover.Node.Hosting;

/// <summary>One running node: its data directory, its actors and its HTTP front, put together and taken apart in order.</summary>
internal sealed class NodeHost : IAsyncDisposable
{
    private static readonly TimeSpan RemovedPatience = TimeSpan.FromSeconds(1);

    private readonly NodeSettings _settings;
    private readonly NodeDirectory _disk;
    private readonly ActorSystem _system;
    private readonly NodeActors _actors;
    private readonly MetricsRegistry _metrics;
    private readonly HttpFront? _http;
    private readonly PbmHost _pbm;
    private readonly NodeService _service;
    private readonly CoordinatedShutdown _shutdown;
    private bool _stopsServing;

    private NodeHost(
        NodeSettings settings,
        NodeDirectory disk,
        ActorSystem system,
        NodeActors actors,
        MetricsRegistry metrics,
        HttpFront? http,
        PbmHost pbm,
        NodeService service
    )
    {
        _settings = settings;
        _disk = disk;
        _system = system;
        _actors = actors;
        _metrics = metrics;
        _http = http;
        _pbm = pbm;
        _service = service;
        _shutdown = CoordinatedShutdown.Get(system);
        TakePartInShutdown();
    }

    public INodeService Service => _service;

    public ActorSystem System => _system;

    /// <summary>The HTTP front's base address; null if the node serves no HTTP.</summary>
    public Uri? Url => _http?.Url;

    /// <summary>Where <c>failover pbm</c> connects.</summary>
    public IPEndPoint Pbm => _pbm.EndPoint;

    /// <summary>Completes when the actor system has ended, by itself or because the host was disposed.</summary>
    public Task Ended => _system.WhenTerminated;

    /// <summary>Why it has ended, or is about to.</summary>
    public Ending Ending =>
        _shutdown.ShutdownReason switch
        {
            CoordinatedShutdown.ClrExitReason => Ending.Stopped,
            CoordinatedShutdown.ClusterLeavingReason => Ending.Left,
            CoordinatedShutdown.ClusterDowningReason => Ending.Removed,
            _ => Ending.Broken,
        };

    /// <exception cref="DataDirectoryException">The data directory cannot be used.</exception>
    /// <exception cref="StorageException">What is in it cannot be read.</exception>
    /// <exception cref="HttpBindException">The HTTP port cannot be had.</exception>
    /// <exception cref="SettingsException">An address or port of the engine, the probe or pbm cannot be had.</exception>
    public static async Task<NodeHost> Start(
        NodeSettings settings,
        ILoggerFactory loggers,
        CancellationToken cancellation
    )
    {
        var disk = NodeDirectory.Open(settings.DataDirectory, settings.Node, TimeProvider.System);
        var metrics = new MetricsRegistry();
        ActorSystem? system = null;
        NodeActors? actors = null;
        PbmHost? pbm = null;
        try
        {
            system = CreateSystem(settings);
            actors = new NodeActors(settings, disk, system, new FailoverMetrics(metrics), loggers);
            var service = new NodeService(actors.Parts, actors.Observer);
            pbm = PbmHost.Listen(settings, system);
            var http = settings.Http.Enabled
                ? await HttpFront
                    .Start(HttpSetup(settings, disk), service, metrics, loggers, cancellation)
                    .ConfigureAwait(false)
                : null;
            pbm.Start();
            await actors.Introduce(http?.Url, pbm.Announced, cancellation).ConfigureAwait(false);
            return new NodeHost(settings, disk, system, actors, metrics, http, pbm, service);
        }
        catch
        {
            actors?.Dispose();
            if (pbm is not null)
                await pbm.DisposeAsync().ConfigureAwait(false);
            if (system is not null)
                await system.Terminate().ConfigureAwait(false);
            metrics.Dispose();
            disk.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops gracefully: hands every primary role over, leaves the cluster, then ends. If the actor system has ended by
    /// itself, nobody is there to hand anything over: what the node held is freed, and that is all.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!Ended.IsCompleted)
            await _shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        await StopServing().ConfigureAwait(false);
        _actors.Dispose();
        _metrics.Dispose();
        _disk.Dispose();
    }

    /// <summary>
    /// However the node comes to its end (it is stopped, told to leave the cluster, or taken out of it), its primary roles go
    /// first, then its clients, then its membership.
    /// </summary>
    private void TakePartInShutdown()
    {
        _shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "hand-over", HandOver);
        _shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "stop-serving", StopServing);
    }

    private async Task<Done> HandOver()
    {
        // A node that breaks has nothing to hand over with, and ends at once.
        if (_shutdown.ShutdownReason is CoordinatedShutdown.ActorSystemTerminateReason)
            return Done.Instance;
        // The others may have stopped talking to a node that they took out: then they fail over as soon as it is gone.
        var patience = Ending == Ending.Removed ? RemovedPatience : _settings.Replication.SwitchoverTimeout;
        var handOver = _service.HandOverAll(patience);
        var late = Ending == Ending.Removed ? Task.Delay(RemovedPatience) : Task.Delay(Timeout.Infinite);
        await (await Task.WhenAny(handOver, Ended, late).ConfigureAwait(false)).ConfigureAwait(false);
        if (!Ended.IsCompleted)
            await _actors.TakeApplicationDown().ConfigureAwait(false);
        return Done.Instance;
    }

    private async Task<Done> StopServing()
    {
        if (Interlocked.Exchange(ref _stopsServing, true))
            return Done.Instance;
        if (_http is not null)
            await _http.DisposeAsync().ConfigureAwait(false);
        await _pbm.DisposeAsync().ConfigureAwait(false);
        return Done.Instance;
    }

    private static ActorSystem CreateSystem(NodeSettings settings)
    {
        try
        {
            // Membership tells the others which version runs here, unless the configuration says something else.
            var version = ConfigurationFactory.ParseString($"akka.cluster.app-version = \"{NodeVersion.Text}\"");
            return ActorSystem.Create(ActorNames.System, settings.Config.WithFallback(version));
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

    private static HttpOptions HttpSetup(NodeSettings settings, NodeDirectory disk) =>
        new()
        {
            Host = settings.Http.Host,
            Port = settings.Http.Port,
            AuthToken = settings.Http.AuthToken,
            RequestTimeout = settings.Http.RequestTimeout,
            InstanceId = $"{settings.Node}-{disk.Incarnation}",
            Configuration = () => EffectiveConfiguration.Show(settings.Config),
            Limits = new HttpLimits
            {
                Key = checked((int)settings.Http.KeyBytes),
                Value = checked((int)settings.Http.ValueBytes),
                UpdateEntries = settings.Http.UpdateEntries,
                Body = checked((int)settings.Http.BodyBytes),
            },
        };
}

/// <summary>Why a node has ended.</summary>
internal enum Ending
{
    /// <summary>Something it cannot do without has failed, or it could not join.</summary>
    Broken,

    /// <summary>The process was asked to stop.</summary>
    Stopped,

    /// <summary>It was told to leave the cluster.</summary>
    Left,

    /// <summary>The others took it out of the cluster although it lived. Only a new process can join again.</summary>
    Removed,
}

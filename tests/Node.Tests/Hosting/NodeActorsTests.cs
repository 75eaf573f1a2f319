using Akka.Actor;
using Failover.Messages;
using Failover.Node.Configuration;
using Failover.Node.Hosting;
using Failover.Node.Lifeline;
using Failover.Node.Metrics;
using Failover.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Failover.Node.Tests.Hosting;

public sealed class NodeActorsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("failover-").FullName;
    private readonly NodeSettings _settings;
    private readonly NodeDirectory _disk;
    private readonly ActorSystem _system;
    private readonly MetricsRegistry _metrics = new();

    public NodeActorsTests()
    {
        var config = ConfigurationLoader.Load(
            null,
            [
                "failover.node = app1",
                "failover.voters = [app1]",
                $"failover.data-dir = {_directory}",
                "failover.http.enabled = off",
                "failover.probe.port = 0",
                "akka.remote.dot-netty.tcp.port = 0",
                "akka.cluster.roles = [data]",
                "akka.cluster.seed-nodes = []",
            ]
        );
        _settings = NodeSettings.From(config);
        _disk = NodeDirectory.Open(_settings.DataDirectory, _settings.Node, TimeProvider.System);
        _system = ActorSystem.Create(ActorNames.System, _settings.Config);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        _disk.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Nobody_is_met_before_the_heartbeat_listens_or_it_would_never_dial_whom_it_missed()
    {
        using var busy = new ManualResetEventSlim();
        LifelineDispatcher.LoopOf(_system).Post(() => busy.Wait(Patience));
        using var actors = new NodeActors(
            _settings,
            _disk,
            _system,
            new FailoverMetrics(_metrics),
            NullLoggerFactory.Instance
        );

        var introduced = actors.Introduce(http: null, "127.0.0.1:1", CancellationToken.None);
        Assert.False(introduced.IsCompleted);
        Assert.Empty(actors.Parts.Directory.Nodes);

        busy.Set();
        await introduced.WaitAsync(Patience);
    }
}

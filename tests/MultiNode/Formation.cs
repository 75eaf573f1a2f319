using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Failover.Core;
using Failover.Core.Store;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Configuration;
using Failover.Node.Hosting;
using Failover.Node.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Failover.MultiNode;

/// <summary>Several whole nodes in this process, each with its own ports and its own directory on the disk.</summary>
internal sealed class Formation : IAsyncDisposable
{
    /// <summary>
    /// Patient where patience costs a spec nothing: a machine that is busy with other things must not look like a
    /// failure. A process that ends is noticed at once all the same, because its port refuses.
    /// </summary>
    private static readonly string[] Patient =
    [
        "failover.heartbeat.lease = 3 s",
        "failover.heartbeat.misses = 30",
        "failover.heartbeat.hung-after = 20 s",
        "failover.replication.replica-timeout = 10 s",
        "failover.replication.switchover-timeout = 20 s",
        "failover.http.enabled = off",
        "akka.cluster.seed-node-timeout = 500 ms",
        "akka.cluster.gossip-interval = 100 ms",
        "akka.cluster.failure-detector.heartbeat-interval = 100 ms",
        "akka.cluster.failure-detector.acceptable-heartbeat-pause = 2 s",
        "akka.cluster.split-brain-resolver.stable-after = 500 ms",
    ];

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly FormationPlan _plan;
    private readonly string _directory = Directory.CreateTempSubdirectory("failover-").FullName;
    private readonly Dictionary<string, (int Remoting, int Probe)> _ports;
    private readonly ConcurrentDictionary<string, NodeHost> _running = new();

    private Formation(FormationPlan plan)
    {
        _plan = plan;
        _ports = Names.ToDictionary(n => n, _ => (Ports.Next(), Ports.Next()));
    }

    public static PartitionId P0 { get; } = new(0);

    public Journal Journal { get; } = new();

    public IEnumerable<string> Names => _plan.MonitorNames.Concat(_plan.AppNames);

    public IEnumerable<string> Running => _running.Keys;

    public NodeHost this[string node] => _running[node];

    /// <summary>The newest committed state that a running node knows.</summary>
    public FormationState State => Journal.State ?? throw new InvalidOperationException($"no state yet\n{Journal}");

    public View View => ViewOf(P0);

    public string Primary => View.Primary.Node.Value;

    /// <summary>The one other in-sync replica of partition 0.</summary>
    public string Standby => View.InSync.Single(r => r != View.Primary).Node.Value;

    /// <summary>The node that the Monitor singleton runs on.</summary>
    public string? Monitor =>
        Running.FirstOrDefault(n => Journal.Observed(new(n), new(n))?.Report is { Monitoring: true });

    public View ViewOf(PartitionId partition) => State.ViewOf(partition)!;

    /// <summary>Starts all nodes of a new formation and waits until every data node is in sync.</summary>
    /// <param name="atOnce">Otherwise the Monitor comes last, so that it need not found the formation without a slow node.</param>
    public static async Task<Formation> Found(FormationPlan? plan = null, bool atOnce = false)
    {
        var formation = new Formation(plan ?? new FormationPlan());
        try
        {
            if (!atOnce)
                await formation.StartAll([.. formation._plan.AppNames]).ConfigureAwait(false);
            await formation.StartAll().ConfigureAwait(false);
            await formation.UntilAllInSync().ConfigureAwait(false);
            return formation;
        }
        catch
        {
            await formation.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts every node that does not run.</summary>
    public Task StartAll() => StartAll(Names.Except(Running).ToArray());

    public Task Start(string node) => Add(StartProcess(node));

    /// <summary>The process ends from one moment to the next: nothing is handed over, nobody is told.</summary>
    public async Task Kill(string node)
    {
        var host = Remove(node, "killed");
        await host.System.Terminate().ConfigureAwait(false);
        await host.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The disk of a node that does not run is lost.</summary>
    public void LoseDisk(string node) => Directory.Delete(Path.Combine(_directory, node), recursive: true);

    public async Task Stop(string node) => await Remove(node, "stopped").DisposeAsync().ConfigureAwait(false);

    /// <summary>Waits until the condition holds.</summary>
    public Task Until(string what, Func<bool> holds) => Journal.Until(what, () => Task.FromResult(holds()));

    public Task Until(string what, Func<Task<bool>> holds) => Journal.Until(what, holds);

    /// <summary>Waits until every running data node is in sync, in every partition, and all running nodes know it.</summary>
    public Task UntilAllInSync()
    {
        var apps = _plan.AppNames.Where(_running.ContainsKey).Select(n => new NodeId(n)).ToArray();
        return Until(
            $"[{string.Join(", ", apps)}] are in sync",
            () =>
                Running.All(n =>
                    Journal.StateAt(new(n)) is { } state
                    && state.Version == State.Version
                    && state.Views.Values.All(v => v.InSync.Select(r => r.Node).SequenceEqual(apps))
                )
        );
    }

    /// <summary>Waits until partition 0 has a primary in a later epoch than this.</summary>
    public Task UntilLedAfter(Epoch epoch) =>
        Until($"a primary leads after epoch {epoch}", () => Journal.State?.ViewOf(P0)?.Epoch > epoch);

    /// <summary>Waits until a node has ended by itself.</summary>
    public async Task UntilEnded(NodeHost host)
    {
        try
        {
            await host.Ended.WaitAsync(Journal.Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the node never ended\n{Journal}");
        }
    }

    /// <summary>
    /// Waits until all know each other as members: a formation is founded before that, but nobody can leave what it has not
    /// joined, nor can a Monitor move to where the membership has not come.
    /// </summary>
    public Task UntilAllAreMembers() =>
        Until(
            "all are members",
            () =>
            {
                var addresses = Running.Select(n => Cluster.Get(this[n].System).SelfAddress).ToArray();
                // Looked up rather than heard: what happened before a node's witness listened, nobody tells again.
                return Running.All(n =>
                    addresses.All(a =>
                        Cluster
                            .Get(this[n].System)
                            .State.Members.Any(m => m.Address == a && m.Status == MemberStatus.Up)
                    )
                );
            }
        );

    /// <summary>Waits until a Monitor runs that could move, and tells where.</summary>
    public async Task<string> UntilMonitored()
    {
        await UntilAllAreMembers().ConfigureAwait(false);
        await Until("a Monitor runs", () => Monitor is not null).ConfigureAwait(false);
        return Monitor!;
    }

    public async Task<WriteDone> Put(string via, string key, string value, ClientStamp? session = null)
    {
        var answer = await this[via]
            .Service.Write(new Command.Put(key, value), session, RequestTimeout, CancellationToken.None)
            .ConfigureAwait(false);
        return answer.Value ?? throw Refused($"writing {key}", answer.Refusal);
    }

    public async Task<string?> Get(string via, string key)
    {
        var answer = await this[via]
            .Service.Read(key, stale: false, RequestTimeout, CancellationToken.None)
            .ConfigureAwait(false);
        return answer.Refusal is { } refusal ? throw Refused($"reading {key}", refusal) : answer.Value?.Json;
    }

    /// <summary>The whole map as <c>primary</c>, <c>standby</c> or one node holds it.</summary>
    public async Task<ImmutableSortedDictionary<string, string>> Map(string replica)
    {
        var answer = await this[Running.First()]
            .Service.ReadAll(replica, RequestTimeout, CancellationToken.None)
            .ConfigureAwait(false);
        return answer.Value?.ToImmutableSortedDictionary(e => e.Key, e => e.Value.Json, StringComparer.Ordinal)
            ?? throw Refused($"reading the map of {replica}", answer.Refusal);
    }

    public Task<ServiceAnswer<OperationDone>> Operate(string via, Operation operation) =>
        this[via].Service.Operate(operation, RequestTimeout, CancellationToken.None);

    /// <summary>Waits until the map, as each of the replicas holds it, has exactly these entries.</summary>
    public async Task UntilHeldBy(IEnumerable<KeyValuePair<string, string>> entries, params string[] replicas)
    {
        var expected = entries.ToImmutableSortedDictionary(StringComparer.Ordinal);
        foreach (var replica in replicas)
            await Until(
                    $"{replica} holds {expected.Count} entries",
                    async () => (await Map(replica).ConfigureAwait(false)).SequenceEqual(expected)
                )
                .ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Running.ToArray())
            await Kill(node).ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }

    private Task StartAll(string[] nodes) => Task.WhenAll(nodes.Select(StartProcess).ToArray().Select(Add));

    private InvalidOperationException Refused(string what, Refusal? refusal) =>
        new($"{what} was refused: {refusal}\n{Journal}");

    private async Task<(string, NodeHost)> StartProcess(string node)
    {
        var seeds = string.Join(
            ", ",
            _ports.Values.Select(p => $"\"{_plan.Scheme}://{ActorNames.System}@127.0.0.1:{p.Remoting}\"")
        );
        var role = _plan.AppNames.Contains(node) ? NodeInfo.DataRole : NodeInfo.MonitorRole;
        string[] own =
        [
            $"failover.node = {node}",
            $"failover.voters = [{string.Join(", ", Names)}]",
            $"failover.data-dir = {Path.Combine(_directory, node)}",
            $"akka.remote.dot-netty.tcp.port = {_ports[node].Remoting}",
            $"failover.probe.port = {_ports[node].Probe}",
            $"akka.cluster.roles = [{role}]",
            $"akka.cluster.seed-nodes = [{seeds}]",
        ];
        var config = ConfigurationLoader.Load(null, [.. Patient, .. own, .. _plan.Settings]);
        var settings = NodeSettings.From(config);
        // Several nodes start at once: none may hold up another one's thread.
        var host = await Task.Run(() => NodeHost.Start(settings, NullLoggerFactory.Instance, CancellationToken.None))
            .ConfigureAwait(false);
        return (node, host);
    }

    private async Task Add(Task<(string Name, NodeHost Host)> starting)
    {
        var (name, host) = await starting.ConfigureAwait(false);
        var (node, journal) = (new NodeId(name), Journal);
        host.System.ActorOf(Props.Create(() => new Witness(node, journal)), "witness");
        journal.Note($"— {name} started");
        _running[name] = host;
    }

    private NodeHost Remove(string node, string how)
    {
        Journal.Note($"— {node} is {how}");
        _running.TryRemove(node, out var host);
        Journal.Forget(new(node));
        return host!;
    }
}

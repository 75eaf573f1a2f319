using System.Text.Json;
using Failover.Bench.SideBySide.Clients;
using Failover.Formation;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>This product, as <c>failover up</c> starts it: a monitor and two data nodes.</summary>
/// <param name="options">Further options of <c>failover up</c>.</param>
/// <param name="stop">See <see cref="Contender"/>.</param>
internal sealed class Ours(string[] options, CancellationToken stop) : Contender(stop)
{
    private LocalFormation? _formation;
    private IReadOnlyList<RunningNode> _nodes = [];

    public override int Servers => _nodes.Count;

    private LocalFormation Formation => _formation ?? throw new InvalidOperationException("not started");

    /// <summary>A node that is never lost, to ask how things stand.</summary>
    private string Entry => _nodes.First(n => !n.Roles.Contains("data")).Name;

    public override async Task Start()
    {
        _formation = await LocalFormation.Start(options).ConfigureAwait(false);
        _nodes = _formation.Nodes;
    }

    public override IStoreClient Connect(int server) => new FormationClient(_nodes[server].Http);

    public override async Task<int> Leader()
    {
        var data = _nodes.Where(n => n.Roles.Contains("data")).Select(n => n.Name).ToArray();
        var cluster = await Formation
            .Until(
                Entry,
                c =>
                    c.Primary() is { } primary
                    && data.All(node =>
                        c.InSync().Contains(node) && c.Reported(node) == (node == primary ? "primary" : "standby")
                    ),
                "all replicas in sync",
                Patience
            )
            .WaitAsync(Stop)
            .ConfigureAwait(false);
        return Array.FindIndex([.. _nodes], n => n.Name == cluster.Primary());
    }

    public override int ProcessOf(int server) =>
        Formation.Node(_nodes[server].Name).Pid ?? throw new InvalidOperationException("the node has no process");

    public override IEnumerable<int> Processes => Formation.Nodes.Select(n => n.Pid).OfType<int>();

    public override Task Heal(int server, bool killed) =>
        killed ? Formation.StartNode(_nodes[server].Name) : Task.CompletedTask;

    public override async Task<int> Missing(IReadOnlyCollection<string> keys, int lost)
    {
        var state = await Formation
            .Http.GetStringAsync($"{Formation.Node(Entry).Http}/state?replica=primary")
            .ConfigureAwait(false);
        var there = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(state)!;
        return keys.Count(key => !there.ContainsKey(key));
    }

    public override string LastWords() =>
        string.Concat(
            _nodes.Select(n => $"--- {n.Name}\n{string.Join('\n', Formation.LogOf(n.Name).Split('\n').TakeLast(12))}\n")
        );

    public override async ValueTask DisposeAsync()
    {
        if (_formation is not null)
            await _formation.DisposeAsync().ConfigureAwait(false);
    }
}

using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Failover.Formation;

/// <summary>One node of a running formation.</summary>
public sealed record RunningNode(string Name, string[] Roles, string Http, int? Pid);

/// <summary>A formation of real processes in a directory of its own, started through the command line and gone when disposed.</summary>
public sealed class LocalFormation : IAsyncDisposable
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(20);

    /// <summary>Short enough that a node that is down is passed over, long enough for a failover.</summary>
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly HashSet<int> _pids = [];

    private LocalFormation(string directory) => Directory = directory;

    public string Directory { get; }

    public HttpClient Http => _http;

    /// <param name="options">Further options of <c>failover up</c>.</param>
    public static async Task<LocalFormation> Start(params string[] options)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("failover-").FullName;
        var formation = new LocalFormation(directory);
        try
        {
            await formation.Up(options).ConfigureAwait(false);
            return formation;
        }
        catch
        {
            await formation.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts the formation (again) in its directory.</summary>
    public async Task<CommandResult> Up(params string[] options)
    {
        var result = await CommandLine
            .Run(["up", "--detach", "--http-port", "0", "--dir", Directory, .. options])
            .ConfigureAwait(false);
        RememberPids();
        return result.Succeeded();
    }

    public Task<CommandResult> Run(params string[] command) => CommandLine.Run([.. command, "--dir", Directory]);

    public IReadOnlyList<RunningNode> Nodes
    {
        get
        {
            using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Directory, "formation.json")));
            return
            [
                .. file
                    .RootElement.GetProperty("nodes")
                    .EnumerateArray()
                    .Select(n => new RunningNode(
                        n.GetProperty("name").GetString()!,
                        [.. n.GetProperty("roles").EnumerateArray().Select(r => r.GetString()!)],
                        n.GetProperty("http").GetString()!,
                        n.TryGetProperty("pid", out var pid) && pid.ValueKind == JsonValueKind.Number
                            ? pid.GetInt32()
                            : null
                    )),
            ];
        }
    }

    public RunningNode Node(string name) => Nodes.Single(n => n.Name == name);

    public string LogOf(string node) => File.ReadAllText(Path.Combine(Directory, $"{node}.log"));

    /// <summary>SIGKILL, at once and without the command line in between.</summary>
    public void Kill(string node) => ProcessSignal.Kill(ProcessOf(node));

    /// <summary>SIGSTOP: the process is frozen, its sockets stay open.</summary>
    public void Freeze(string node) => ProcessSignal.Freeze(ProcessOf(node));

    /// <summary>SIGCONT.</summary>
    public void Thaw(string node) => ProcessSignal.Thaw(ProcessOf(node));

    public async Task StartNode(string node)
    {
        (await Run("start", node).ConfigureAwait(false)).Succeeded();
        RememberPids();
    }

    /// <summary>The <c>/cluster</c> document as a node tells it; null while the node does not answer.</summary>
    public async Task<JsonElement?> ClusterFrom(string node)
    {
        try
        {
            return await _http.GetFromJsonAsync<JsonElement>($"{Node(node).Http}/cluster").ConfigureAwait(false);
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The map as one replica holds it, as the text that node itself serves.</summary>
    public Task<string> StateOf(string node) => _http.GetStringAsync($"{Node(node).Http}/state?replica={node}");

    /// <summary>Follows a node's events until its picture of the formation satisfies the condition.</summary>
    /// <exception cref="TimeoutException">It never did.</exception>
    public async Task<JsonElement> Until(string node, Func<JsonElement, bool> condition, string what, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        JsonElement? last = null;
        try
        {
            while (true)
            {
                try
                {
                    using var events = await EventReader
                        .Open(_http, Node(node).Http, limit.Token)
                        .ConfigureAwait(false);
                    while (true)
                    {
                        last = await ClusterFrom(node).ConfigureAwait(false);
                        if (last is { } cluster && condition(cluster))
                            return cluster;
                        await events.Next(limit.Token).ConfigureAwait(false);
                    }
                }
                catch (Exception silent) when (silent is HttpRequestException or IOException)
                {
                    // It has no events to follow while it does not run.
                    await Task.Delay(TryAgainAfter, limit.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{what}: not so after {patience.TotalSeconds:0} s. Last seen by {node}: {last}"
            );
        }
    }

    /// <summary>Ends every process this formation ever started, by its pid, and removes the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        RememberPids();
        foreach (var pid in _pids)
            End(pid);
        _http.Dispose();
        await Task.Run(() => System.IO.Directory.Delete(Directory, recursive: true)).ConfigureAwait(false);
    }

    private void RememberPids()
    {
        if (!File.Exists(Path.Combine(Directory, "formation.json")))
            return;
        foreach (var node in Nodes)
        {
            if (node.Pid is { } pid)
                _pids.Add(pid);
        }
    }

    private static void End(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            process.WaitForExit();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // It has ended already, which is all that is wanted.
        }
    }

    private int ProcessOf(string node) =>
        Node(node).Pid ?? throw new InvalidOperationException($"{node} has no process");
}

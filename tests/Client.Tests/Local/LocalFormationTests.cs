using System.Diagnostics;
using System.Globalization;
using Failover.Client.Local;

namespace Failover.Client.Tests.Local;

/// <summary>Real processes, but shell scripts in the place of nodes: starting and ending is what is looked at.</summary>
public sealed class LocalFormationTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LocalFormation _local;

    public LocalFormationTests() => _local = new LocalFormation(FormationFile.In(_directory.Path, "d"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // At once: some of these nodes will not leave when they are asked.
        if (_local.TryRead() is not null)
            await _local.StopAllAsync(new CancellationToken(canceled: true));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_node_is_a_process_of_its_own_with_a_log_of_its_own()
    {
        var formation = await UpAsync(Obedient);

        Assert.Equal(3, formation.Running.Select(node => node.Pid).Distinct().Count());
        foreach (var node in formation.Nodes)
        {
            Assert.True(NodeProcess.IsNode(node.Pid!.Value, _local.File.DataOf(node.Name)));
            Assert.True(File.Exists(_local.File.LogOf(node.Name)));
        }

        Assert.Equivalent(formation, _local.Read(), strict: true);
    }

    [Fact]
    public async Task A_formation_that_runs_is_not_started_again()
    {
        await UpAsync(Obedient);

        var failure = await Assert.ThrowsAsync<CommandException>(() => UpAsync(Obedient));

        Assert.StartsWith("a formation already runs in ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_node_is_gone_at_once_and_the_file_says_so()
    {
        var pid = (await UpAsync(Stubborn)).Find("app1")!.Pid!.Value;

        var killed = await _local.KillAsync("app1", default);

        Assert.Equal(pid, killed.Pid);
        Assert.False(NodeProcess.IsNode(pid, _local.File.DataOf("app1")));
        Assert.Equal([null], _local.File.Read().Nodes.Where(node => node.Name == "app1").Select(node => node.Pid));
        Assert.NotNull(_local.File.Read().Find("app2")!.Pid);
    }

    [Fact]
    public async Task A_stopped_node_gets_the_chance_to_leave_in_order()
    {
        await UpAsync(Obedient);

        await _local.StopAsync("app2", default);

        Assert.Contains(
            "left in order",
            await File.ReadAllTextAsync(_local.File.LogOf("app2")),
            StringComparison.Ordinal
        );
        Assert.Null(_local.File.Read().Find("app2")!.Pid);
    }

    [Fact]
    public async Task Whoever_insists_does_not_wait_for_a_node_that_will_not_leave()
    {
        var formation = await UpAsync(Stubborn);
        using var insisted = new CancellationTokenSource();
        await insisted.CancelAsync();

        var stopped = await _local.StopAllAsync(insisted.Token);

        Assert.Equal(3, stopped.Count);
        Assert.All(
            formation.Nodes,
            node => Assert.False(NodeProcess.IsNode(node.Pid!.Value, _local.File.DataOf(node.Name)))
        );
        Assert.Empty(_local.File.Read().Running);
    }

    [Fact]
    public async Task A_process_that_took_over_the_number_of_a_dead_node_is_left_alone()
    {
        using var stranger = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        try
        {
            _local.File.CreateDirectory();
            _local.File.Write(new() { Nodes = [new("app1", ["data"], "http://127.0.0.1:8081", stranger.Id, 4054)] });

            var failure = await Assert.ThrowsAsync<CommandException>(() => _local.KillAsync("app1", default));

            Assert.Equal("app1 does not run", failure.Message);
            Assert.Empty(await _local.StopAllAsync(default));
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Fact]
    public async Task An_unknown_node_is_answered_with_the_known_ones()
    {
        await UpAsync(Obedient);

        var failure = await Assert.ThrowsAsync<CommandException>(() => _local.StopAsync("app3", default));

        Assert.Equal("no node 'app3' in this formation; it has monitor1, app1, app2", failure.Message);
    }

    [Fact]
    public async Task A_node_that_died_is_found_and_its_last_words_are_kept()
    {
        var formation = await UpAsync("echo one; echo 'port taken' >&2");
        foreach (var node in formation.Nodes)
            Assert.True(
                await NodeProcess.WaitForExitAsync(
                    node.Pid!.Value,
                    _local.File.DataOf(node.Name),
                    TimeSpan.FromSeconds(10),
                    default
                )
            );

        Assert.Equal("monitor1", _local.FindDead(formation)?.Name);
        Assert.Equal("one\nport taken", _local.TailOfLog("monitor1"));
    }

    [Fact]
    public async Task Fresh_discards_what_was_left()
    {
        await UpAsync(Obedient);
        await _local.StopAllAsync(default);
        _directory.Write("d/app1/log", "old");

        await UpAsync(Obedient, fresh: true);

        Assert.False(File.Exists(Path.Combine(_local.File.DataOf("app1"), "log")));
    }

    // Says that it listens, so that a test does not signal a shell that has not set its trap yet.
    private const string Obedient =
        "trap 'echo left in order; exit 0' TERM; echo listening; while :; do sleep 0.02; done";

    private const string Stubborn = "trap '' TERM; echo listening; while :; do sleep 0.02; done";

    private async Task<FormationDocument> UpAsync(string script, bool fresh = false)
    {
        var program = new NodeProgram("/bin/sh", _directory.Write("node.sh", script), _directory.Path);
        var formation = await _local.StartAllAsync(new() { HttpPort = 0 }, fresh, program, default);
        if (script.Contains("listening", StringComparison.Ordinal))
            await Task.WhenAll(formation.Nodes.Select(node => ListeningAsync(node.Name)));
        return formation;
    }

    private async Task ListeningAsync(string node)
    {
        using var written = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(_local.File.Directory, Path.GetFileName(_local.File.LogOf(node)));
        watcher.Changed += (_, _) => written.Release();
        watcher.Created += (_, _) => written.Release();
        watcher.EnableRaisingEvents = true;
        while (!File.Exists(_local.File.LogOf(node)) || new FileInfo(_local.File.LogOf(node)).Length == 0)
            Assert.True(
                await written.WaitAsync(TimeSpan.FromSeconds(10)),
                string.Create(CultureInfo.InvariantCulture, $"{node} did not start")
            );
    }
}

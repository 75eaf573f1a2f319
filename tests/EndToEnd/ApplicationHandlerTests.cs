using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Failover.Formation;

namespace Failover.EndToEnd;

/// <summary>The sample handler and its worker, of which one runs at a time: the one on the primary's node.</summary>
public sealed class ApplicationHandlerTests : IDisposable
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _shared = Directory.CreateTempSubdirectory("failover-").FullName;

    [Fact]
    public async Task The_worker_follows_the_primary_through_a_switchover_a_kill_and_a_stop()
    {
        await using var formation = await Start("become-primary=[HANDLER, SHARED]");
        var founded = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var (first, second) = founded.Primary() == "app1" ? ("app1", "app2") : ("app2", "app1");
        await Works(first, founded.Epoch());
        await Until(async () => await ApplicationOf(formation, first) == "primary", "the node knows it");

        (await formation.Run("switchover")).Succeeded();
        await Works(second, founded.Epoch() + 1);
        // One stepped down before the next one led: nobody was fenced off.
        Assert.False(File.Exists(Path.Combine(_shared, $"{first}.worker")));
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(_shared, $"{first}.log")));

        // Its node is killed, the worker is not: it must find that it is not the newest any more.
        formation.Kill(second);
        await Works(first, founded.Epoch() + 2);
        await Until(
            async () =>
                (await File.ReadAllTextAsync(Path.Combine(_shared, $"{second}.log"))).Contains(
                    "is not the newest",
                    StringComparison.Ordinal
                ),
            "the worker that was left behind stops"
        );

        await formation.StartNode(second);
        await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync again", Patience);
        await Until(async () => await Follows(second) == first, $"{second}'s application follows {first}");
        (await formation.Run("stop", first)).Succeeded();
        // A node that stops leaves no primary behind.
        Assert.False(File.Exists(Path.Combine(_shared, $"{first}.worker")));
        await Works(second, founded.Epoch() + 3);

        var epochs = (await File.ReadAllLinesAsync(Path.Combine(_shared, "work")))
            .Select(line => long.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))
            .ToArray();
        Assert.Equal(epochs.Order(), epochs);
    }

    [Fact]
    public async Task A_node_whose_application_cannot_be_made_primary_hands_the_role_on()
    {
        // It works on whichever node a file is named after, as if the other one lacked something.
        await using var formation = await Start(
            "become-primary=[sh, -c, \"test -e SHARED/able-$FAILOVER_NODE || { echo no licence; exit 1; }; exec HANDLER SHARED\"]"
        );
        var founded = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var (first, second) = founded.Primary() == "app1" ? ("app1", "app2") : ("app2", "app1");
        await File.WriteAllTextAsync(Path.Combine(_shared, $"able-{second}"), "");

        await formation.Until(Entry, c => c.Primary() == second, $"{second} leads", Patience);
        await Works(second, founded.Epoch() + 1);

        var history = (await formation.Run("history")).Succeeded().Output;
        Assert.Contains($"{first} is unhealthy", history, StringComparison.Ordinal);
        Assert.Contains("exit 1: 'no licence'", history, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var started in Directory.GetFiles(_shared, "*.worker"))
            End(File.ReadAllText(started).Split(' ')[0]);
        Directory.Delete(_shared, recursive: true);
    }

    /// <summary>A worker that still runs; the process number alone may be somebody else's by now.</summary>
    private void End(string pid)
    {
        var commandLine = $"/proc/{pid}/cmdline";
        if (
            File.Exists(commandLine)
            && File.ReadAllText(commandLine).Contains($"worker.sh\0{_shared}\0", StringComparison.Ordinal)
        )
            Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture)).Kill();
    }

    private Task<LocalFormation> Start(string becomePrimary)
    {
        var handler = Path.Combine(AppContext.BaseDirectory, "samples", "application-handler", "handler.sh");
        return LocalFormation.Start(
            "--set",
            "failover.application."
                + becomePrimary
                    .Replace("HANDLER", handler, StringComparison.Ordinal)
                    .Replace("SHARED", _shared, StringComparison.Ordinal),
            "--set",
            $"failover.application.become-standby=[{handler}, {_shared}]",
            "--set",
            "failover.application.repeat=200ms",
            "--set",
            "failover.monitor.back-off.health=1ms"
        );
    }

    private Task Works(string node, long epoch) =>
        Until(
            async () =>
                File.Exists(Path.Combine(_shared, "work"))
                && (await File.ReadAllLinesAsync(Path.Combine(_shared, "work"))).LastOrDefault() == $"{epoch} {node}",
            $"the worker of {node} works in epoch {epoch}"
        );

    private async Task<string?> Follows(string node)
    {
        var file = Path.Combine(_shared, $"{node}.follows");
        return File.Exists(file) ? (await File.ReadAllTextAsync(file)).Trim() : null;
    }

    private static async Task<string?> ApplicationOf(LocalFormation formation, string node)
    {
        using var status = JsonDocument.Parse(
            await formation.Http.GetStringAsync($"{formation.Node(node).Http}/api/failover/status")
        );
        return status.RootElement.GetProperty("application").GetString();
    }

    private static async Task Until(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"never: {what}");
            await Task.Delay(20, CancellationToken.None);
        }
    }
}

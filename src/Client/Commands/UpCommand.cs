using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Failover.Client.Api;
using Failover.Client.Local;
using Failover.Client.Output;
using Spectre.Console;

namespace Failover.Client.Commands;

/// <summary>Starts a local formation, shows it, and stops it again when the user leaves.</summary>
internal sealed class UpCommand(Surroundings surroundings, LocalFormation local)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    public async Task<int> RunAsync(UpRequest request, bool fresh, bool detach, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var formation = await local.StartAllAsync(request, fresh, NodeProgram.Find(), cancel);
        var keep = false;
        try
        {
            using var client = new FormationClient(
                formation.Nodes.Select(node => node.Endpoint),
                new ClientOptions { Token = Token.Find(surroundings, formation) }
            );
            Say($"starting {Names(formation)} …");
            var cluster = await new Readiness(local, formation, client).WaitAsync(cancel);
            var api = new FormationApi(client, ClientSession.Create());
            if (await SeedAsync(api, cluster.Partitions?.Count ?? 1, cancel))
                cluster = await api.ClusterAsync(cancel);
            Say(string.Create(CultureInfo.InvariantCulture, $"ready after {clock.Elapsed.TotalSeconds:0.0} s"));
            StatusView.Write(cluster, surroundings);
            Suggest(detach);
            if (detach)
            {
                keep = true;
                return ExitCode.Done;
            }

            keep = await StreamAsync(client, cancel);
            return ExitCode.Done;
        }
        finally
        {
            if (!keep)
                await StopAsync();
        }
    }

    /// <summary>Shows events until the user leaves.</summary>
    /// <returns>True when the formation was stopped from elsewhere meanwhile, so that nothing remains to be stopped.</returns>
    private async Task<bool> StreamAsync(FormationClient client, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watch = WatchForDownAsync(end);
        try
        {
            await foreach (var one in new EventStream(client).ReadAsync(end.Token))
                EventLine.Write(one.Kind, one.Data, surroundings);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The way this stream ends: by the user, or because nothing is left to listen to.
        }

        await watch;
        if (cancel.IsCancellationRequested)
            return false;
        Say("the formation was stopped");
        return true;
    }

    private async Task WatchForDownAsync(CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested)
        {
            // What is written counts here, not which processes live: after a crash of them all, the next `start` goes on.
            if (local.File.TryRead()?.Running.Any() != true)
                await end.CancelAsync();
            await Task.Delay(LookEvery, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> SeedAsync(FormationApi api, int partitions, CancellationToken cancel)
    {
        var state = await api.StateAnswerAsync("primary", cancel);
        using (var document = JsonDocument.Parse(state.Body))
            if (document.RootElement.EnumerateObject().Any())
                return false;
        using var sample = new StreamReader(
            typeof(UpCommand).Assembly.GetManifestResourceStream("customer.properties")
                ?? throw new UnreachableException("the sample is part of this program")
        );
        var entries = UpdateFile.Parse(sample, "customer.properties");
        // An update is atomic within one partition; over several, the record's entries go one by one.
        if (partitions == 1)
            await api.UpdateAsync(entries, cancel);
        else
            foreach (var entry in entries)
                await api.UpdateAsync([entry], cancel);
        return true;
    }

    private async Task StopAsync()
    {
        Say("stopping …");
        var stopped = await local.StopAllAsync(surroundings.Interruption.Insisted);
        Say(
            stopped.Count == 0
                ? "nothing was left running"
                : $"stopped {string.Join(", ", stopped.Select(node => node.Name))}"
        );
    }

    private void Suggest(bool detached)
    {
        var command = Invocation();
        var directory = DirectoryOption();
        Say(detached ? "try this:" : "try this in another terminal:");
        foreach (
            var (line, meaning) in new[]
            {
                ("get-state primary", "the data"),
                ("kill-primary", "and see the standby take over"),
                ("history", "why, and how long it took"),
                ("bench", "how fast it is"),
                detached ? ("down", "stop it") : ("watch", "the table above, live"),
            }
        )
            surroundings.Console.Write(
                new Paragraph()
                    .Append($"  {command} {(line + directory).PadRight(17 + directory.Length)}")
                    .Append($"  {meaning}\n", new Style(Color.Grey))
            );
        if (!detached)
            Say("events, until Ctrl+C:");
    }

    /// <summary>What the other commands need to find a formation that is not where they look by themselves.</summary>
    private string DirectoryOption()
    {
        var directory = local.File.Directory;
        return directory == FormationFile.In(surroundings.WorkingDirectory, FormationFile.DefaultDirectory).Directory
            ? ""
            : $" --dir {directory}";
    }

    /// <summary>How the user calls this program: installed, or from the sources.</summary>
    private string Invocation()
    {
        var folder = Path.Combine(surroundings.WorkingDirectory, "src", "Client");
        return
            Environment.ProcessPath?.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) == true
            ? "dotnet run --project src/Client --"
            : CommandTree.ProgramName;
    }

    private static string Names(FormationDocument formation) =>
        string.Join(", ", formation.Nodes.Select(node => node.Name));

    private void Say(string text) => surroundings.Console.Write(new Text(text + "\n", new Style(Color.Grey)));
}

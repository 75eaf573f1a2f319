using System.Globalization;
using Failover.Client.Api;

namespace Failover.Client.Local;

/// <summary>Waits until a formation that was just started serves.</summary>
internal sealed class Readiness(LocalFormation local, FormationDocument formation, FormationClient client)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How much longer the standbys get to catch up; a formation without them serves, but cannot fail over.</summary>
    private static readonly TimeSpan StandbyPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AskFor = TimeSpan.FromSeconds(1);

    /// <returns>The view of a formation in which every node answers and every partition has a primary.</returns>
    /// <exception cref="CommandException">A node died, or the time was up; the message says which and why.</exception>
    public async Task<ClusterDocument> WaitAsync(CancellationToken cancel)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        TimeSpan? servesSince = null;
        while (true)
        {
            if (local.FindDead(formation) is { } dead)
                throw new CommandException(
                    $"{dead.Name} ended while starting; the end of {local.File.LogOf(dead.Name)}:{Environment.NewLine}{local.TailOfLog(dead.Name)}"
                );
            var answers = await Task.WhenAll(formation.Nodes.Select(node => AskAsync(node, cancel)));
            if (answers.All(answer => answer is not null) && answers.FirstOrDefault(HasPrimaries) is { } cluster)
            {
                if (servesSince is null && await PrimariesServeAsync(cancel))
                    servesSince = clock.Elapsed;
                if (servesSince is { } since && (AllInSync(cluster) || clock.Elapsed - since > StandbyPatience))
                    return cluster;
            }

            if (servesSince is null && clock.Elapsed > Patience)
                throw new CommandException(NotReady(answers));
            await Task.Delay(PollEvery, cancel);
        }
    }

    private async Task<ClusterDocument?> AskAsync(LocalNode node, CancellationToken cancel) =>
        await client.AskAsync(node.Endpoint, "/cluster", AskFor, cancel) is { IsSuccess: true } answer
            ? FormationApi.Parse(answer, DocumentsContext.Default.ClusterDocument)
            : null;

    private bool HasPrimaries(ClusterDocument? cluster) =>
        cluster?.Partitions is { } partitions
        && partitions.Count >= formation.Partitions
        && partitions.All(partition => partition.Primary is not null);

    private bool AllInSync(ClusterDocument cluster)
    {
        var replicas = formation.Nodes.Count(node => !node.IsMonitor);
        return cluster.Partitions!.All(partition => (partition.InSync?.Count ?? 0) >= replicas);
    }

    private async Task<bool> PrimariesServeAsync(CancellationToken cancel)
    {
        for (var partition = 0; partition < formation.Partitions; partition++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/primary?partition={partition}");
            var answers = await Task.WhenAll(
                formation.Nodes.Select(node => client.AskAsync(node.Endpoint, path, AskFor, cancel))
            );
            if (!answers.Any(answer => answer is { IsSuccess: true }))
                return false;
        }

        return true;
    }

    /// <summary>What the nodes themselves say is wrong, for instance that the data are lost and a person must decide.</summary>
    private static string[] Problems(ClusterDocument?[] answers) =>
        [.. answers.SelectMany(answer => answer?.Problems ?? []).Distinct()];

    private string NotReady(ClusterDocument?[] answers)
    {
        var silent = formation.Nodes.Where((_, index) => answers[index] is null).Select(node => node.Name).ToArray();
        var why =
            silent.Length > 0 ? $"no answer from {string.Join(", ", silent)}"
            : Problems(answers) is { Length: > 0 } problems ? string.Join("; ", problems)
            : answers.Any(HasPrimaries) ? "the primary does not serve"
            : "no primary was chosen";
        var node = silent.FirstOrDefault() ?? formation.Nodes[0].Name;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"not ready after {Patience.TotalSeconds:0} s: {why}; the end of {local.File.LogOf(node)}:{Environment.NewLine}{local.TailOfLog(node)}"
        );
    }
}

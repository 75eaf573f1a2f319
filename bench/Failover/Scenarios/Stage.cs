using System.Globalization;
using Failover.Formation;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>A formation for a scenario, and what its nodes said when the scenario does not end.</summary>
internal static class Stage
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const int LogLinesShown = 40;

    public static async Task<Row> On(string[] options, Func<LocalFormation, Task<Row>> play)
    {
        await using var formation = await LocalFormation.Start(options).ConfigureAwait(false);
        try
        {
            return await play(formation).ConfigureAwait(false);
        }
        catch (Exception failed)
            when (failed is TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            ShowLogs(formation);
            throw;
        }
    }

    public static string[] DataNodes(LocalFormation formation) =>
        [.. formation.Nodes.Where(n => n.Roles.Contains("data")).Select(n => n.Name)];

    public static string[] Endpoints(LocalFormation formation) => [.. formation.Nodes.Select(n => n.Http)];

    /// <summary>A node that is never killed, to ask how things stand.</summary>
    public static string Entry(LocalFormation formation) => formation.Nodes.First(n => !n.Roles.Contains("data")).Name;

    /// <summary>Every data node's copy, once all of them are in sync in every partition.</summary>
    public static async Task<IReadOnlyList<string>> Copies(LocalFormation formation, int partitions = 1)
    {
        var nodes = DataNodes(formation);
        await formation
            .Until(
                Entry(formation),
                c => Enumerable.Range(0, partitions).All(p => nodes.All(c.InSync(p).Contains)),
                "all replicas in sync",
                Patience
            )
            .ConfigureAwait(false);
        var copies = new List<string>();
        foreach (var node in nodes)
            copies.Add(await formation.StateOf(node).ConfigureAwait(false));
        return copies;
    }

    /// <summary>What the nodes wrote in that time, each line with its node.</summary>
    public static string LogsBetween(LocalFormation formation, DateTime since, DateTime until)
    {
        var lines =
            from node in formation.Nodes
            from line in formation.LogOf(node.Name).Split('\n')
            where
                string.CompareOrdinal(line, Clock(since)) >= 0
                && string.CompareOrdinal(line, Clock(until)) <= 0
                && char.IsAsciiDigit(line[0])
            orderby line[..Clock(since).Length]
            select $"{Environment.NewLine}  {node.Name, -9} {line}";
        return string.Concat(lines);
    }

    private static string Clock(DateTime at) => at.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>What the nodes wrote last, before their directory is gone.</summary>
    private static void ShowLogs(LocalFormation formation)
    {
        foreach (var node in formation.Nodes)
        {
            Console.Error.WriteLine($"--- {node.Name}");
            foreach (var line in formation.LogOf(node.Name).Split('\n').TakeLast(LogLinesShown))
                Console.Error.WriteLine(line);
        }
    }
}

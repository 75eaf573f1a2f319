using System.Diagnostics;
using System.Globalization;
using Failover.Formation;

namespace Failover.Bench.Failover;

/// <summary>One way to lose a primary, repeated under a steady writer on one formation of real processes.</summary>
internal static class Scenario
{
    private const int LogLinesShown = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<Result> Run(string scenario, int rounds, string[] options)
    {
        await using var formation = await LocalFormation.Start(options).ConfigureAwait(false);
        try
        {
            return await Run(scenario, rounds, formation).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is TimeoutException or OperationCanceledException)
        {
            ShowLogs(formation);
            throw;
        }
    }

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

    private static async Task<Result> Run(string scenario, int rounds, LocalFormation formation)
    {
        // Written through the monitor's node: it stays, so the writer sees the failover and nothing else.
        var entry = formation.Nodes.First(n => !n.Roles.Contains("data"));
        await using var writer = new SteadyWriter(entry.Http);
        await writer.More(200, Patience).ConfigureAwait(false);

        var gaps = new List<TimeSpan>();
        var rejoins = new List<TimeSpan>();
        for (var round = 0; round < rounds; round++)
        {
            var before = await formation
                .Until(
                    entry.Name,
                    c => c.Primary() is { } p && c.Reported(p) == "primary" && c.InSync().Length > 1,
                    "a primary with a standby in sync",
                    Patience
                )
                .ConfigureAwait(false);
            await writer.More(Random.Shared.Next(20, 120), Patience).ConfigureAwait(false);
            var (gap, rejoin) = await Lose(scenario, formation, writer, entry.Name, before.Primary()!, before.Epoch())
                .ConfigureAwait(false);
            gaps.Add(gap);
            rejoins.Add(rejoin);
        }

        await writer.Stop().ConfigureAwait(false);
        return await Check(scenario, formation, writer, entry.Name, gaps, rejoins).ConfigureAwait(false);
    }

    private static async Task<(TimeSpan Gap, TimeSpan Rejoin)> Lose(
        string scenario,
        LocalFormation formation,
        SteadyWriter writer,
        string entry,
        string primary,
        long epoch
    )
    {
        var lostAt = Stopwatch.GetTimestamp();
        switch (scenario)
        {
            case "kill":
                formation.Kill(primary);
                break;
            case "freeze":
                formation.Freeze(primary);
                break;
            default:
                using (
                    var answer = await formation
                        .Http.PostAsync($"{formation.Node(entry).Http}/switchover", null)
                        .ConfigureAwait(false)
                )
                    answer.EnsureSuccessStatusCode();
                break;
        }

        var first = await writer.FirstAfter(epoch, Patience).ConfigureAwait(false);
        var gap = scenario == "switchover" ? LongestGap(writer, epoch) : Stopwatch.GetElapsedTime(lostAt, first.At);

        var startedAt = Stopwatch.GetTimestamp();
        if (scenario == "kill")
            await formation.StartNode(primary).ConfigureAwait(false);
        else if (scenario == "freeze")
            formation.Thaw(primary);
        await formation
            .Until(
                entry,
                c => c.InSync().Contains(primary) && c.Reported(primary) == "standby",
                $"{primary} in sync again",
                Patience
            )
            .ConfigureAwait(false);
        return (gap, Stopwatch.GetElapsedTime(startedAt));
    }

    /// <summary>Between the last write acknowledged in the old epoch and the first one in the new.</summary>
    private static TimeSpan LongestGap(SteadyWriter writer, long epoch)
    {
        var last = writer.All.Where(w => w.Epoch <= epoch).Max(w => w.At);
        var first = writer.All.Where(w => w.Epoch > epoch).Min(w => w.At);
        return Stopwatch.GetElapsedTime(last, first);
    }

    private static async Task<Result> Check(
        string scenario,
        LocalFormation formation,
        SteadyWriter writer,
        string entry,
        List<TimeSpan> gaps,
        List<TimeSpan> rejoins
    )
    {
        var nodes = formation.Nodes.Where(n => n.Roles.Contains("data")).Select(n => n.Name).ToArray();
        await formation
            .Until(entry, c => nodes.All(n => c.InSync().Contains(n)), "all replicas in sync", Patience)
            .ConfigureAwait(false);
        var states = new List<string>();
        foreach (var node in nodes)
            states.Add(await formation.StateOf(node).ConfigureAwait(false));
        return new Result(
            scenario,
            gaps,
            rejoins,
            writer.All.Count,
            states.Max(s => writer.MissingFrom(s).Count),
            writer.Failures,
            states.Distinct().Count() == 1
        );
    }
}

/// <summary>What a scenario's rounds showed; as text, one line of the table.</summary>
internal sealed record Result(
    string Scenario,
    List<TimeSpan> Gaps,
    List<TimeSpan> Rejoins,
    int Acknowledged,
    int Lost,
    int Failed,
    bool Identical
)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Scenario, -11} {Gaps.Count, 6} {Ms(Gaps, 0.5), 8} {Ms(Gaps, 0.9), 8} {Ms(Gaps, 1), 8}  {Ms(Rejoins, 0.5), 10} {Ms(Rejoins, 1), 8}  {Acknowledged, 8} {Lost, 5} {Failed, 6}  {(Identical ? "yes" : "NO")}"
        );

    private static string Ms(List<TimeSpan> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        var at = Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[at].TotalMilliseconds:0} ms");
    }
}

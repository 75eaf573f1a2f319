using System.Diagnostics;
using System.Net;
using Failover.Formation;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>
/// Data that is only in memory, and all processes killed: the formation must not serve an empty map as if nothing had
/// been there. It says why, until an operator accepts the loss.
/// </summary>
internal static class MemoryRestart
{
    private const string Memory = "failover.replication.durability=memory";

    public static async Task<Row> Run(Order order)
    {
        var broken = new List<string>();
        var acknowledged = 0;
        var decisions = new List<TimeSpan>();
        var reason = "";
        for (var round = 0; round < order.Rounds; round++)
        {
            await Stage
                .On(
                    ["--set", Memory, .. order.Options],
                    async formation =>
                    {
                        acknowledged += await LoseAll(formation, order.Writers).ConfigureAwait(false);
                        foreach (var node in formation.Nodes)
                            await formation.StartNode(node.Name).ConfigureAwait(false);
                        reason = await Refusal(formation, broken).ConfigureAwait(false);
                        decisions.Add(await Decide(formation, broken).ConfigureAwait(false));
                        return new Row("memory-restart", [], []);
                    }
                )
                .ConfigureAwait(false);
        }

        Console.WriteLine($"refused with: {reason}");
        return new Row(
            "memory-restart",
            [
                ("rounds", Row.Number(order.Rounds)),
                ("acked before", Row.Number(acknowledged)),
                ("refused until decided", broken.Count == 0 ? "yes" : "NO"),
                ("decision to first write, p50", Row.Ms(decisions, 0.5)),
            ],
            broken
        );
    }

    private static async Task<int> LoseAll(LocalFormation formation, int writers)
    {
        await using var crowd = new WriterCrowd(Stage.Endpoints(formation), writers);
        await crowd.More(50, Stage.Patience).ConfigureAwait(false);
        foreach (var node in formation.Nodes)
            formation.Kill(node.Name);
        await crowd.Stop().ConfigureAwait(false);
        return crowd.Acknowledged;
    }

    /// <returns>What a write is answered with.</returns>
    private static async Task<string> Refusal(LocalFormation formation, List<string> broken)
    {
        var entry = Stage.Entry(formation);
        await formation
            .Until(
                entry,
                c => c.Problems().Any(p => p.Contains("--accept-data-loss", StringComparison.Ordinal)),
                "the formation says that an operator must decide",
                Stage.Patience
            )
            .ConfigureAwait(false);
        using var content = new StringContent("""{"value":1}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await formation
            .Http.PutAsync($"{formation.Node(entry).Http}/kv-store/v1/kv/after", content)
            .ConfigureAwait(false);
        var body = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            broken.Add($"a write was answered {(int)answer.StatusCode} {body}");
        else if (!body.Contains("--accept-data-loss", StringComparison.Ordinal))
            broken.Add($"the refusal does not say what to do: {body}");
        using var read = await formation
            .Http.GetAsync($"{formation.Node(entry).Http}/kv-store/v1/kv/after")
            .ConfigureAwait(false);
        if (read.StatusCode != HttpStatusCode.ServiceUnavailable)
            broken.Add($"a read was answered {(int)read.StatusCode}");
        return body;
    }

    private static async Task<TimeSpan> Decide(LocalFormation formation, List<string> broken)
    {
        var refused = await formation.Run("failover").ConfigureAwait(false);
        if (refused.ExitCode == 0)
            broken.Add("a failover without accepting data loss was carried out");
        var decidedAt = Stopwatch.GetTimestamp();
        (await formation.Run("failover", "--accept-data-loss").ConfigureAwait(false)).Succeeded();
        (await formation.Run("put", "after", "1").ConfigureAwait(false)).Succeeded();
        return Stopwatch.GetElapsedTime(decidedAt);
    }
}

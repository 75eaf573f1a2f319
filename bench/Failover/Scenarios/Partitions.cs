using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Failover.Formation;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>
/// Three data nodes share eight primaries. One is killed: its own move, the others' views stay as they are; every key
/// is read from every node; it comes back, and a rebalance spreads the primaries again.
/// </summary>
internal static class Partitions
{
    private const int Count = 8;
    private const int Keys = 200;
    private static readonly int[] Spread = [2, 3, 3];

    public static Task<Row> Run(Order order) =>
        Stage.On(
            ["--nodes", "3", "--partitions", Row.Number(Count), .. order.Options],
            formation => Run(order, formation)
        );

    private static async Task<Row> Run(Order order, LocalFormation formation)
    {
        var entry = Stage.Entry(formation);
        var broken = new List<string>();
        var moves = new List<TimeSpan>();
        var reads = 0;
        // On a busy machine a node may be too late for the founding: then the others lead everything, until a rebalance.
        var counts = Counts(await Settled(formation).ConfigureAwait(false));
        var founded = string.Join('/', counts);
        if (!counts.SequenceEqual(Spread))
            (await formation.Run("rebalance").ConfigureAwait(false)).Succeeded();
        await using var crowd = new WriterCrowd([formation.Node(entry).Http], order.Writers);
        for (var round = 0; round < order.Rounds; round++)
        {
            var before = await Settled(formation).ConfigureAwait(false);
            Expect(broken, Counts(before), $"round {round + 1}, before the kill");
            for (var key = 0; key < Keys; key++)
                await Put(formation, entry, Key(key), Value(round, key)).ConfigureAwait(false);

            var victim = Stage.DataNodes(formation)[round % 3];
            moves.Add(await KillAndWait(formation, entry, victim, before, broken).ConfigureAwait(false));
            foreach (var node in formation.Nodes.Where(n => n.Name != victim))
                reads += await ReadAll(formation, node.Name, round, broken).ConfigureAwait(false);

            await formation.StartNode(victim).ConfigureAwait(false);
            await Settled(formation).ConfigureAwait(false);
            reads += await ReadAll(formation, victim, round, broken).ConfigureAwait(false);
            (await formation.Run("rebalance").ConfigureAwait(false)).Succeeded();
            Expect(
                broken,
                Counts(await Settled(formation).ConfigureAwait(false)),
                $"round {round + 1}, after rebalance"
            );
        }

        await crowd.Stop().ConfigureAwait(false);
        return await Check(order, formation, crowd, founded, moves, reads, broken).ConfigureAwait(false);
    }

    /// <returns>From the signal until each of the dead node's partitions has a primary that serves.</returns>
    private static async Task<TimeSpan> KillAndWait(
        LocalFormation formation,
        string entry,
        string victim,
        JsonElement before,
        List<string> broken
    )
    {
        var killedAt = Stopwatch.GetTimestamp();
        formation.Kill(victim);
        var after = await formation
            .Until(
                entry,
                c => Enumerable.Range(0, Count).All(p => c.Primary(p) != victim && c.Serves(p)),
                $"no partition is led by {victim}",
                Stage.Patience
            )
            .ConfigureAwait(false);
        var moved = Stopwatch.GetElapsedTime(killedAt);
        for (var p = 0; p < Count; p++)
        {
            var stays = before.Primary(p) != victim;
            if (stays && (after.Primary(p), after.Epoch(p)) != (before.Primary(p), before.Epoch(p)))
                broken.Add($"partition {p} was led by {before.Primary(p)} and moved although {victim} died");
            if (!stays && after.Epoch(p) != before.Epoch(p) + 1)
                broken.Add($"partition {p} went from epoch {before.Epoch(p)} to {after.Epoch(p)}");
        }

        return moved;
    }

    /// <summary>All in sync, each partition led by somebody who serves.</summary>
    private static Task<JsonElement> Settled(LocalFormation formation) =>
        formation.Until(
            Stage.Entry(formation),
            c => Enumerable.Range(0, Count).All(p => c.InSync(p).Length == 3 && c.Serves(p)),
            "every partition serves and has three replicas in sync",
            Stage.Patience
        );

    private static int[] Counts(JsonElement cluster) =>
        [.. Enumerable.Range(0, Count).GroupBy(p => cluster.Primary(p)).Select(g => g.Count()).Order()];

    private static void Expect(List<string> broken, int[] counts, string when)
    {
        if (!counts.SequenceEqual(Spread))
            broken.Add($"{when}: the primaries are spread {string.Join('/', counts)}");
    }

    private static string Key(int key) => string.Create(CultureInfo.InvariantCulture, $"key-{key}");

    private static string Value(int round, int key) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{round}.{key}\"");

    private static async Task Put(LocalFormation formation, string node, string key, string value)
    {
        using var content = new StringContent($"{{\"value\":{value}}}", System.Text.Encoding.UTF8, "application/json");
        using var answer = await formation
            .Http.PutAsync($"{formation.Node(node).Http}/kv-store/v1/kv/{key}", content)
            .ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<int> ReadAll(LocalFormation formation, string node, int round, List<string> broken)
    {
        var http = formation.Node(node).Http;
        for (var key = 0; key < Keys; key++)
        {
            using var answer = await formation.Http.GetAsync($"{http}/kv-store/v1/kv/{Key(key)}").ConfigureAwait(false);
            var body = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
            if (
                !answer.IsSuccessStatusCode
                || !body.Contains($"\"value\":{Value(round, key)}", StringComparison.Ordinal)
            )
                broken.Add($"{node} answered {(int)answer.StatusCode} {body} for {Key(key)} in round {round + 1}");
        }

        return Keys;
    }

    private static async Task<Row> Check(
        Order order,
        LocalFormation formation,
        WriterCrowd crowd,
        string founded,
        List<TimeSpan> moves,
        int reads,
        List<string> broken
    )
    {
        var copies = await Stage.Copies(formation, Count).ConfigureAwait(false);
        var lost = copies.Max(crowd.MissingFrom);
        if (lost > 0)
            broken.Add($"{lost} acknowledged writes are missing from a replica");
        if (crowd.Failures > 0)
            broken.Add($"{crowd.Failures} requests failed");
        if (copies.Distinct().Count() != 1)
            broken.Add("the replicas differ");
        return new Row(
            "partitions",
            [
                ("rounds", Row.Number(order.Rounds)),
                ("writers", Row.Number(order.Writers)),
                ("founded", founded),
                ("all serve again, p50", Row.Ms(moves, 0.5)),
                ("max", Row.Ms(moves, 1)),
                ("keys read", Row.Number(reads)),
                ("acked", Row.Number(crowd.Acknowledged)),
                ("lost", Row.Number(lost)),
                ("failed", Row.Number(crowd.Failures)),
            ],
            broken
        );
    }
}

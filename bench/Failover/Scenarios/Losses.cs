using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Failover.Formation;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>One way to lose a primary, repeated under writers without pause on one formation of real processes.</summary>
/// <remarks>
/// The gap of a kill or freeze reaches from the signal to the first write acknowledged in the new epoch. That of a
/// switchover is the longest time without any acknowledged write, of all writers together, that overlaps the time from
/// the request to <see cref="Aftermath"/> after the first write acknowledged in the new epoch.
/// </remarks>
internal static class Losses
{
    private static readonly TimeSpan Aftermath = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a primary has served before it is lost. One that fails within <c>back-off.min</c> of its promotion is
    /// replaced later and later, on purpose (ADR 12); a thawed node is back in sync so soon that the rounds would measure that.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(700);

    /// <summary>A round that took so much longer than the median one is told with its evidence.</summary>
    private static readonly TimeSpan Remarkable = TimeSpan.FromMilliseconds(80);

    public static Task<Row> Run(string scenario, Order order) =>
        Stage.On(order.Options, formation => Run(scenario, order, formation));

    private static async Task<Row> Run(string scenario, Order order, LocalFormation formation)
    {
        // One writer writes through the monitor's node: it stays, so the writer sees the failover and nothing else.
        // Several are spread over all nodes, which is fair only where none of them dies.
        var entry = Stage.Entry(formation);
        var endpoints =
            scenario == "switchover" && order.Writers > 1 ? Stage.Endpoints(formation) : [formation.Node(entry).Http];
        await using var crowd = new WriterCrowd(endpoints, order.Writers);
        await crowd.More(200 / order.Writers, Stage.Patience).ConfigureAwait(false);

        var gaps = new List<TimeSpan>();
        var rejoins = new List<TimeSpan>();
        var whys = new List<string>();
        for (var round = 0; round < order.Rounds; round++)
        {
            var before = await formation
                .Until(
                    entry,
                    c => c.Primary() is { } p && c.Reported(p) == "primary" && c.InSync().Length > 1,
                    "a primary with a standby in sync",
                    Stage.Patience
                )
                .ConfigureAwait(false);
            await Task.Delay(Settled).ConfigureAwait(false);
            await crowd
                .More(Random.Shared.Next(20, 120) / Math.Min(order.Writers, 10), Stage.Patience)
                .ConfigureAwait(false);
            var lostAt = DateTime.Now;
            var (gap, rejoin) = await Lose(scenario, formation, crowd, entry, before.Primary()!, before.Epoch())
                .ConfigureAwait(false);
            gaps.Add(gap);
            rejoins.Add(rejoin);
            var why = await Why(formation, entry, before.Epoch() + 1).ConfigureAwait(false);
            whys.Add(why + Stage.LogsBetween(formation, lostAt, lostAt + gap + Aftermath));
        }

        ExplainOutliers(gaps, whys);

        await crowd.Stop().ConfigureAwait(false);
        return await Check(scenario, order, formation, crowd, gaps, rejoins).ConfigureAwait(false);
    }

    private static async Task<(TimeSpan Gap, TimeSpan Rejoin)> Lose(
        string scenario,
        LocalFormation formation,
        WriterCrowd crowd,
        string entry,
        string primary,
        long epoch
    )
    {
        var lostAt = Stopwatch.GetTimestamp();
        if (scenario == "kill")
            formation.Kill(primary);
        else if (scenario == "freeze")
            formation.Freeze(primary);
        else
            await SwitchOver(formation, entry).ConfigureAwait(false);

        var first = await crowd.FirstAfter(epoch, Stage.Patience).ConfigureAwait(false);
        if (scenario == "switchover")
            await Task.Delay(Aftermath).ConfigureAwait(false);
        var gap =
            scenario == "switchover"
                ? crowd.LongestPause(lostAt, first.At + (long)(Aftermath.TotalSeconds * Stopwatch.Frequency))
                : Stopwatch.GetElapsedTime(lostAt, first.At);

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
                Stage.Patience
            )
            .ConfigureAwait(false);
        return (gap, Stopwatch.GetElapsedTime(startedAt));
    }

    /// <summary>What the formation's own history says of the change that led to an epoch.</summary>
    private static async Task<string> Why(LocalFormation formation, string entry, long epoch)
    {
        var history = await formation
            .Http.GetFromJsonAsync<JsonElement>($"{formation.Node(entry).Http}/history")
            .ConfigureAwait(false);
        var entries = history.GetProperty("events").EnumerateArray();
        return string.Join(
            "; ",
            entries
                .Where(e =>
                    e.GetProperty("epoch").GetInt64() == epoch
                    && e.GetProperty("from").ValueKind == JsonValueKind.String
                )
                .Select(e => e.GetRawText())
        );
    }

    private static void ExplainOutliers(List<TimeSpan> gaps, List<string> whys)
    {
        var median = gaps.Order().ElementAt(gaps.Count / 2);
        for (var round = 0; round < gaps.Count; round++)
        {
            if (gaps[round] > median * 2 && gaps[round] > median + Remarkable)
                Console.Error.WriteLine($"round {round + 1} took {Row.Ms(gaps[round])}: {whys[round]}");
        }
    }

    private static async Task SwitchOver(LocalFormation formation, string entry)
    {
        using var answer = await formation
            .Http.PostAsync($"{formation.Node(entry).Http}/switchover", null)
            .ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            var said = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
            throw new InvalidOperationException($"a switchover was refused with {(int)answer.StatusCode}: {said}");
        }
    }

    private static async Task<Row> Check(
        string scenario,
        Order order,
        LocalFormation formation,
        WriterCrowd crowd,
        List<TimeSpan> gaps,
        List<TimeSpan> rejoins
    )
    {
        var copies = await Stage.Copies(formation).ConfigureAwait(false);
        var lost = copies.Max(crowd.MissingFrom);
        var identical = copies.Distinct().Count() == 1;
        var broken = new List<string>();
        if (lost > 0)
            broken.Add($"{lost} acknowledged writes are missing from a replica");
        if (crowd.Failures > 0)
            broken.Add($"{crowd.Failures} requests failed");
        if (!identical)
            broken.Add("the replicas differ");
        return new Row(
            scenario,
            [
                ("rounds", Row.Number(order.Rounds)),
                ("writers", Row.Number(order.Writers)),
                ("p50", Row.Ms(gaps, 0.5)),
                ("p90", Row.Ms(gaps, 0.9)),
                ("max", Row.Ms(gaps, 1)),
                ("rejoin p50", Row.Ms(rejoins, 0.5)),
                ("max", Row.Ms(rejoins, 1)),
                ("acked", Row.Number(crowd.Acknowledged)),
                ("lost", Row.Number(lost)),
                ("failed", Row.Number(crowd.Failures)),
                ("identical", identical ? "yes" : "NO"),
            ],
            broken
        );
    }
}

using System.Diagnostics;
using Failover.Formation;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>
/// The primary is killed again and again while clients on sessions ask all nodes, the dying one as well: answers are
/// lost, requests are sent twice, and afterwards everything must be explained by each request having happened once.
/// </summary>
internal static class Sessions
{
    public static Task<Row> Run(Order order) => Stage.On(order.Options, formation => Run(order, formation));

    private static async Task<Row> Run(Order order, LocalFormation formation)
    {
        var entry = Stage.Entry(formation);
        await using var load = new SessionLoad(Stage.Endpoints(formation), order.Writers);
        var gaps = new List<TimeSpan>();
        for (var round = 0; round < order.Rounds; round++)
        {
            var before = await formation
                .Until(entry, c => c.InSync().Length > 1, "a standby in sync", Stage.Patience)
                .ConfigureAwait(false);
            await load.More(Random.Shared.Next(50, 300), Stage.Patience).ConfigureAwait(false);
            var primary = before.Primary()!;
            var killedAt = Stopwatch.GetTimestamp();
            formation.Kill(primary);
            gaps.Add(
                Stopwatch.GetElapsedTime(
                    killedAt,
                    await load.FirstAfter(before.Epoch(), Stage.Patience).ConfigureAwait(false)
                )
            );
            await formation.StartNode(primary).ConfigureAwait(false);
        }

        await load.More(200, Stage.Patience).ConfigureAwait(false);
        await load.Stop().ConfigureAwait(false);
        var copies = await Stage.Copies(formation).ConfigureAwait(false);
        var broken = (await load.WhatIsBroken(formation.Node(entry).Http).ConfigureAwait(false)).ToList();
        if (copies.Distinct().Count() != 1)
            broken.Add("the replicas differ");
        if (load.Retries == 0)
            broken.Add("no request was ever sent twice: this run shows nothing about sessions");
        return new Row(
            "sessions",
            [
                ("kills", Row.Number(order.Rounds)),
                ("clients", Row.Number(order.Writers)),
                ("p50", Row.Ms(gaps, 0.5)),
                ("max", Row.Ms(gaps, 1)),
                ("acked", Row.Number(load.Acknowledged)),
                ("sent again", Row.Number(load.Retries)),
                ("unanswered", Row.Number(load.Unanswered)),
                ("checked operations", Row.Number(load.Operations)),
                ("violations", Row.Number(broken.Count)),
            ],
            broken
        );
    }
}

using System.Diagnostics;
using Failover.Formation;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>All processes are killed at once under load and started again: everything acknowledged must be there.</summary>
internal static class Blackout
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    public static Task<Row> Run(Order order) => Stage.On(order.Options, formation => Run(order, formation));

    private static async Task<Row> Run(Order order, LocalFormation formation)
    {
        var crowds = new List<WriterCrowd>();
        var outages = new List<TimeSpan>();
        try
        {
            for (var round = 0; round < order.Rounds; round++)
            {
                var crowd = new WriterCrowd(Stage.Endpoints(formation), order.Writers);
                crowds.Add(crowd);
                await crowd.More(Random.Shared.Next(20, 100), Stage.Patience).ConfigureAwait(false);
                foreach (var node in formation.Nodes)
                    formation.Kill(node.Name);
                await crowd.Stop().ConfigureAwait(false);
                outages.Add(await Restart(formation, order).ConfigureAwait(false));
            }

            return await Check(order, formation, crowds, outages).ConfigureAwait(false);
        }
        finally
        {
            foreach (var crowd in crowds)
                await crowd.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <returns>From the command that starts them to the first write acknowledged.</returns>
    private static async Task<TimeSpan> Restart(LocalFormation formation, Order order)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var up = formation.Up(order.Options);
        while (!await TryWrite(formation).ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(startedAt) > Stage.Patience)
                throw new TimeoutException("no write was acknowledged after the start");
            await Task.Delay(LookEvery).ConfigureAwait(false);
        }

        var outage = Stopwatch.GetElapsedTime(startedAt);
        await up.ConfigureAwait(false);
        return outage;
    }

    private static async Task<bool> TryWrite(LocalFormation formation)
    {
        using var limit = new CancellationTokenSource(Stage.Patience);
        try
        {
            // The address is read anew each time: a start chooses other ports.
            using var content = new StringContent("""{"value":1}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await formation
                .Http.PutAsync(
                    $"{formation.Node(Stage.Entry(formation)).Http}/kv-store/v1/kv/first",
                    content,
                    limit.Token
                )
                .ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    private static async Task<Row> Check(
        Order order,
        LocalFormation formation,
        List<WriterCrowd> crowds,
        List<TimeSpan> outages
    )
    {
        var copies = await Stage.Copies(formation).ConfigureAwait(false);
        var lost = copies.Max(copy => crowds.Sum(crowd => crowd.MissingFrom(copy)));
        var broken = new List<string>();
        if (lost > 0)
            broken.Add($"{lost} acknowledged writes are missing from a replica");
        if (copies.Distinct().Count() != 1)
            broken.Add("the replicas differ");
        return new Row(
            "blackout",
            [
                ("rounds", Row.Number(order.Rounds)),
                ("writers", Row.Number(order.Writers)),
                ("up to first write, p50", Row.Ms(outages, 0.5)),
                ("max", Row.Ms(outages, 1)),
                ("acked", Row.Number(crowds.Sum(c => c.Acknowledged))),
                ("lost", Row.Number(lost)),
            ],
            broken
        );
    }
}

using System.Diagnostics;
using Failover.Bench.Footprint;
using Failover.Bench.SideBySide.Clients;
using Failover.Bench.SideBySide.Contenders;

namespace Failover.Bench.SideBySide.Measures;

/// <summary>What one stretch of writing showed.</summary>
/// <param name="ServersCpu">Processor time of the contender's processes for one write.</param>
/// <param name="ClientsCpu">Processor time of this program for one write.</param>
internal sealed record ThroughputResult(
    double WritesPerSecond,
    TimeSpan Median,
    TimeSpan Percentile99,
    TimeSpan ServersCpu,
    TimeSpan ClientsCpu,
    int Refused
);

/// <summary>Clients that write to the leader, each the next one as soon as the last is acknowledged.</summary>
internal sealed class Throughput(Contender contender, int leader)
{
    public const int Clients = 16;
    public const int Keys = 10_000;
    public const int ValueLength = 100;

    public static readonly TimeSpan Stretch = TimeSpan.FromSeconds(3);

    /// <summary>Until everything that is written to again and again has been compiled, here and there.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<ThroughputResult>> Run(
        Contender contender,
        int rounds,
        CancellationToken stop
    )
    {
        var load = new Throughput(contender, await contender.Leader().ConfigureAwait(false));
        await load.Write(WarmUp, stop).ConfigureAwait(false);
        var results = new List<ThroughputResult>();
        for (var round = 0; round < rounds; round++)
            results.Add(await load.Write(Stretch, stop).ConfigureAwait(false));
        return results;
    }

    private async Task<ThroughputResult> Write(TimeSpan duration, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        over.CancelAfter(duration);
        var (servers, clients) = (CpuOf(contender.Processes), Environment.CpuUsage.TotalTime);
        var startedAt = Stopwatch.GetTimestamp();
        var parts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => One(over.Token))))
            .ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        var took = Stopwatch.GetElapsedTime(startedAt);
        var latencies = parts.SelectMany(p => p.Latencies).Order().ToArray();
        if (latencies.Length == 0)
            throw new TimeoutException("no write was acknowledged");
        return new ThroughputResult(
            latencies.Length / took.TotalSeconds,
            Quantile.Of(latencies, 0.5),
            Quantile.Of(latencies, 0.99),
            (CpuOf(contender.Processes) - servers) / latencies.Length,
            (Environment.CpuUsage.TotalTime - clients) / latencies.Length,
            parts.Sum(p => p.Refused)
        );
    }

    private async Task<(List<TimeSpan> Latencies, int Refused)> One(CancellationToken over)
    {
        var latencies = new List<TimeSpan>();
        var refused = 0;
        var value = new string('v', ValueLength);
        using var client = contender.Connect(leader);
        while (!over.IsCancellationRequested)
        {
            var key = $"key-{Random.Shared.Next(Keys)}";
            var sentAt = Stopwatch.GetTimestamp();
            if (await Acknowledged(client, key, value).ConfigureAwait(false))
                latencies.Add(Stopwatch.GetElapsedTime(sentAt));
            else
                refused++;
        }

        return (latencies, refused);
    }

    private static async Task<bool> Acknowledged(IStoreClient client, string key, string value) =>
        await client.Write(key, value, CancellationToken.None).ConfigureAwait(false) is not null;

    private static TimeSpan CpuOf(IEnumerable<int> processes) =>
        processes.Aggregate(TimeSpan.Zero, (sum, pid) => sum + ProcessUsage.Cpu(pid));
}

using System.Diagnostics;

namespace Failover.StorageBench;

/// <summary>A log to which several may append at once; each call completes when its entry survives a power failure.</summary>
internal interface IDurableLog : IDisposable
{
    Task Append();
}

internal sealed record Figures(double PerSecond, TimeSpan P50, TimeSpan P99, TimeSpan Longest);

internal static class Load
{
    /// <summary>Each writer appends as soon as its last entry is durable.</summary>
    public static async Task<Figures> Run(IDurableLog log, int writers, TimeSpan time)
    {
        await Drive(log, writers, TimeSpan.FromMilliseconds(300));
        var started = Stopwatch.GetTimestamp();
        var latencies = await Drive(log, writers, time);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var sorted = latencies.SelectMany(l => l).Order().ToArray();
        return new Figures(
            sorted.Length / elapsed.TotalSeconds,
            sorted[sorted.Length / 2],
            sorted[sorted.Length * 99 / 100],
            sorted[^1]
        );
    }

    private static Task<List<TimeSpan>[]> Drive(IDurableLog log, int writers, TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        return Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(Write)));

        async Task<List<TimeSpan>> Write()
        {
            List<TimeSpan> latencies = [];
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                var sent = Stopwatch.GetTimestamp();
                await log.Append();
                latencies.Add(Stopwatch.GetElapsedTime(sent));
            }
            return latencies;
        }
    }
}

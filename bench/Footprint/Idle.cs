using System.Diagnostics;
using System.Globalization;
using Failover.Formation;

namespace Failover.Bench.Footprint;

/// <summary>What the nodes of a formation use while nobody asks anything of them.</summary>
internal static class Idle
{
    /// <summary>Until background compilation of what ran at the start has ended.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    /// <summary>What an idle node may have resident: 80 MB of a million bytes, not of 2^20.</summary>
    private const long Goal = 80_000_000;

    public static async Task Run(TimeSpan duration, bool showThreads, string[] options)
    {
        await using var formation = await LocalFormation.Start(options).ConfigureAwait(false);
        await Task.Delay(Settle).ConfigureAwait(false);
        var nodes = formation.Nodes;
        var before = nodes.Select(n => ProcessUsage.Threads(n.Pid!.Value)).ToArray();
        var clock = Stopwatch.StartNew();
        await Task.Delay(duration).ConfigureAwait(false);
        var after = nodes.Select(n => ProcessUsage.Threads(n.Pid!.Value)).ToArray();
        var seconds = clock.Elapsed.TotalSeconds;
        var usages = nodes.Select((n, i) => new NodeUsage(n, before[i], after[i], seconds)).ToArray();

        Console.WriteLine();
        Console.WriteLine(Text($"Idle, over {seconds:0} s after {Settle.TotalSeconds:0} s of rest:"));
        Console.WriteLine();
        Console.WriteLine(
            "| node | CPU, % of a core | wake-ups/s | taken off or yielded/s | threads | RSS, MB (MiB) | PSS, MB | managed, MB |"
        );
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var largest = 0L;
        foreach (var usage in usages)
        {
            var (resident, proportional) = ProcessUsage.Memory(usage.Node.Pid!.Value);
            largest = Math.Max(largest, resident);
            // Asked last: answering takes memory and time of its own.
            var managed = await Managed(formation, usage.Node).ConfigureAwait(false);
            Console.WriteLine(Line(usage, resident, proportional, managed));
        }

        Console.WriteLine();
        Console.WriteLine(
            Text(
                $"Goal, below {Goal / 1e6:0} MB resident (MB = 1,000,000 bytes): {(largest < Goal ? "reached" : "MISSED")}; the largest node has {largest / 1e6:0.0} MB."
            )
        );
        if (showThreads)
            ShowThreads(usages);
    }

    private static string Line(NodeUsage usage, long resident, long proportional, double managed)
    {
        var all = usage.Threads;
        return Text(
            $"| {usage.Node.Name} | {all.Sum(t => t.CpuMs) / 10:0.00} | {all.Sum(t => t.Sleeps):0} | {all.Sum(t => t.Yields):0} | {all.Count} | {resident / 1e6:0.0} ({resident / 1048576.0:0.0}) | {proportional / 1e6:0.0} | {managed / 1e6:0.0} |"
        );
    }

    private static void ShowThreads(NodeUsage[] usages)
    {
        foreach (var usage in usages)
        {
            Console.WriteLine();
            Console.WriteLine($"| {usage.Node.Name}: threads called | how many | CPU, ms/s | wake-ups/s | yields/s |");
            Console.WriteLine("|---|---|---|---|---|");
            foreach (var group in usage.Threads.GroupBy(t => t.Name).OrderByDescending(g => g.Sum(t => t.CpuMs)))
            {
                Console.WriteLine(
                    Text(
                        $"| {group.Key} | {group.Count()} | {group.Sum(t => t.CpuMs):0.00} | {group.Sum(t => t.Sleeps):0.0} | {group.Sum(t => t.Yields):0.0} |"
                    )
                );
            }
        }
    }

    private static async Task<double> Managed(LocalFormation formation, RunningNode node)
    {
        const string Metric = "failover_managed_heap_bytes ";
        var metrics = await formation.Http.GetStringAsync($"{node.Http}/metrics").ConfigureAwait(false);
        var line = metrics.Split('\n').Single(l => l.StartsWith(Metric, StringComparison.Ordinal));
        return double.Parse(line[Metric.Length..], CultureInfo.InvariantCulture);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A thread's use per second.</summary>
    private sealed record Rate(string Name, double CpuMs, double Sleeps, double Yields);

    private sealed class NodeUsage(
        RunningNode node,
        Dictionary<int, ThreadUsage> before,
        Dictionary<int, ThreadUsage> after,
        double seconds
    )
    {
        public RunningNode Node => node;

        public List<Rate> Threads { get; } =
        [
            .. after.Select(t =>
            {
                var then = before.GetValueOrDefault(t.Key);
                return new Rate(
                    t.Value.Name,
                    (t.Value.Cpu - then.Cpu).TotalMilliseconds / seconds,
                    (t.Value.Sleeps - then.Sleeps) / seconds,
                    (t.Value.Yields - then.Yields) / seconds
                );
            }),
        ];
    }
}

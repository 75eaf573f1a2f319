using System.Diagnostics;
using System.Globalization;

namespace Failover.Bench.Engine.Remote;

/// <summary>One run of one row.</summary>
/// <param name="PerSecond">Messages told, or questions answered.</param>
/// <param name="Latencies">Of every question, ascending, in ticks of <see cref="Stopwatch"/>; none for a tell.</param>
/// <param name="AllocatedHere">Bytes for each message in the process that tells or asks.</param>
/// <param name="AllocatedThere">Bytes for each message in all other processes together.</param>
internal sealed record Measured(double PerSecond, long[] Latencies, double AllocatedHere, double AllocatedThere)
{
    public static string Header =>
        "| what | messages/s | p50 | p99 | allocated a message, here | there |\n|---|---|---|---|---|---|";

    public static string Line(string name, IReadOnlyList<Measured> runs)
    {
        var rates = runs.Select(static run => run.PerSecond).Order().ToList();
        var rate = string.Create(CultureInfo.InvariantCulture, $"{Median(rates):N0} ({rates[0]:N0}–{rates[^1]:N0})");
        return $"| {name} | {rate} | {Latency(runs, 0.50)} | {Latency(runs, 0.99)} "
            + $"| {Bytes(runs, static run => run.AllocatedHere)} | {Bytes(runs, static run => run.AllocatedThere)} |";
    }

    private static string Latency(IReadOnlyList<Measured> runs, double quantile)
    {
        if (runs[0].Latencies.Length == 0)
            return "";
        var ticks = runs.Select(run => (double)run.Latencies[(int)((run.Latencies.Length - 1) * quantile)]).Order();
        var microseconds = Median([.. ticks]) * 1e6 / Stopwatch.Frequency;
        return string.Create(CultureInfo.InvariantCulture, $"{microseconds:N1} µs");
    }

    private static string Bytes(IReadOnlyList<Measured> runs, Func<Measured, double> of)
    {
        var bytes = Median([.. runs.Select(of).Order()]);
        return double.IsNaN(bytes) ? "" : string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} B");
    }

    private static double Median(List<double> ascending) =>
        (ascending[(ascending.Count - 1) / 2] + ascending[ascending.Count / 2]) / 2;
}

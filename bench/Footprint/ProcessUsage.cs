using System.Globalization;

namespace Failover.Bench.Footprint;

/// <summary>What one thread has used so far.</summary>
/// <param name="Cpu">Time on a processor, which the kernel counts in nanoseconds, not in ticks.</param>
/// <param name="Sleeps">How often it gave its processor up because it had nothing to do, so how often it was woken.</param>
/// <param name="Yields">How often it was taken off its processor, or offered it, as one that spins does.</param>
internal readonly record struct ThreadUsage(string Name, TimeSpan Cpu, long Sleeps, long Yields);

/// <summary>What Linux says of a process, read from <c>/proc</c>. Threads that ended meanwhile are not in it.</summary>
internal static class ProcessUsage
{
    private const double ClockTicksPerSecond = 100;

    public static Dictionary<int, ThreadUsage> Threads(int pid)
    {
        var threads = new Dictionary<int, ThreadUsage>();
        foreach (var directory in Directory.EnumerateDirectories($"/proc/{pid}/task"))
        {
            try
            {
                var status = Fields($"{directory}/status");
                var nanoseconds = long.Parse(
                    File.ReadAllText($"{directory}/schedstat").Split(' ')[0],
                    CultureInfo.InvariantCulture
                );
                threads[int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture)] = new ThreadUsage(
                    status["Name"],
                    TimeSpan.FromMicroseconds(nanoseconds / 1000.0),
                    Number(status["voluntary_ctxt_switches"]),
                    Number(status["nonvoluntary_ctxt_switches"])
                );
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The thread ended while it was looked at.
            }
        }

        return threads;
    }

    /// <summary>Resident memory in bytes, and the part that is this process's own when pages shared with others are split evenly.</summary>
    public static (long Resident, long Proportional) Memory(int pid)
    {
        var memory = Fields($"/proc/{pid}/smaps_rollup");
        return (Number(memory["Rss"]) * 1024, Number(memory["Pss"]) * 1024);
    }

    /// <summary>Processor time of the whole process so far, threads that ended included, to 10 ms.</summary>
    public static TimeSpan Cpu(int pid)
    {
        var fields = StatOf(pid);
        return TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / ClockTicksPerSecond);
    }

    /// <summary>When the process was started, to 10 ms, on this machine's wall clock.</summary>
    public static DateTime StartedAt(int pid)
    {
        var sinceBoot = Number(StatOf(pid)[19]) / ClockTicksPerSecond;
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        return DateTime.Now - TimeSpan.FromSeconds(uptime - sinceBoot);
    }

    /// <summary>The fields of <c>stat</c> from the third on: the second is a name in brackets, which may hold anything.</summary>
    private static string[] StatOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static Dictionary<string, string> Fields(string file) =>
        File.ReadLines(file)
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1].Trim());

    private static long Number(string text) => long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
}

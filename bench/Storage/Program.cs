using System.Diagnostics;
using System.Globalization;
using Failover.Node.Storage;
using Failover.StorageBench;

// Usage: StorageBench [--dir DIR] [--seconds N] [--entries N]
// Measures, on the disk that holds DIR: one append after another, 32 writers at once, and the recovery of a log.
var directory = Option("--dir") ?? Path.Combine(Path.GetTempPath(), $"storage-bench-{Environment.ProcessId}");
var time = TimeSpan.FromSeconds(int.Parse(Option("--seconds") ?? "3", CultureInfo.InvariantCulture));
var entries = int.Parse(Option("--entries") ?? "1000000", CultureInfo.InvariantCulture);

try
{
    Console.WriteLine($"{"", -34} {"writes/s", 9} {"p50 µs", 8} {"p99 µs", 8} {"max ms", 8}");
    foreach (var writers in (int[])[1, 32])
    {
        using (var log = new OwnLog(Fresh("own")))
            Report($"own log, {writers} writer(s)", await Load.Run(log, writers, time));
#if BASELINES
        using (var log = new FasterLogBaseline(Fresh("faster")))
            Report($"FASTER log, {writers} writer(s)", await Load.Run(log, writers, time));
        using (var log = new SqliteBaseline(Fresh("sqlite")))
            Report($"SQLite WAL FULL, {writers} writer(s)", await Load.Run(log, writers, time));
#endif
    }
    Recovery(entries);
    return 0;
}
finally
{
    if (Directory.Exists(directory))
        Directory.Delete(directory, recursive: true);
}

void Recovery(int count)
{
    var path = Fresh("recovery");
    var written = Stopwatch.StartNew();
    using (var log = new OwnLog(path))
        log.Fill(count);
    written.Stop();
    for (var run = 1; run <= 3; run++)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var cpu = Environment.CpuUsage.TotalTime;
        var read = Stopwatch.StartNew();
        var (store, recovered) = OwnLog.Open(path, _ => { });
        read.Stop();
        store.Dispose();
        Console.WriteLine(
            $"recovery of {recovered.Entries.Length} entries, run {run}: {read.ElapsedMilliseconds} ms, {(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds:0} ms of processor time, "
                + $"{(GC.GetTotalAllocatedBytes() - allocated) >> 20} MiB allocated (written in {written.ElapsedMilliseconds} ms)"
        );
    }
}

string Fresh(string name) => Path.Combine(directory, $"{name}-{Guid.NewGuid():N}");

string? Option(string name) =>
    Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

static void Report(string what, Figures figures) =>
    Console.WriteLine(
        $"{what, -34} {figures.PerSecond, 9:0} {figures.P50.TotalMicroseconds, 8:0} {figures.P99.TotalMicroseconds, 8:0} {figures.Longest.TotalMilliseconds, 8:0.0}"
    );

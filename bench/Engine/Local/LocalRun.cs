using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Failover.Bench.Engine.Local;

internal static class LocalRun
{
    public static int Print(string? document)
    {
        // In this process: the benchmark's generated project would not know which engine was chosen.
        var job = Job
            .Default.WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(5)
            .WithIterationCount(15)
            .WithInvocationCount(1)
            .WithUnrollFactor(1);
        var config = ManualConfig
            .CreateEmpty()
            .AddJob(job)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(StatisticColumn.Median, StatisticColumn.P95, StatisticColumn.OperationsPerSecond)
            .HideColumns(StatisticColumn.Mean, StatisticColumn.Error, StatisticColumn.StdDev)
            .HideColumns("Job", "Toolchain", "InvocationCount", "IterationCount", "UnrollFactor", "WarmupCount")
            .AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)))
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "failover-bench-engine"));

        var machine = Machine.Line;
        var summary = BenchmarkRunner.Run<LocalBenchmarks>(config);
        var table = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, table);
        Figures.Publish("local", $"{machine}\n{table.GetLog()}", document);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success) ? 1 : 0;
    }
}

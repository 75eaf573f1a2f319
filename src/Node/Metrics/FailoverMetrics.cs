using System.Diagnostics.Metrics;
using Failover.Core;
using Failover.Core.Application;

namespace Failover.Node.Metrics;

/// <summary>What the node's actors count and time. Every method may be called from any thread and allocates nothing.</summary>
/// <remarks>Make one per <see cref="MetricsRegistry"/>: a registry refuses a second metric of the same name.</remarks>
internal sealed class FailoverMetrics
{
    private static readonly InstrumentAdvice<double> WriteSeconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.0001,
            0.00025,
            0.0005,
            0.001,
            0.0025,
            0.005,
            0.01,
            0.025,
            0.05,
            0.1,
            0.25,
            0.5,
            1,
            5,
        ],
    };

    private static readonly InstrumentAdvice<double> RecoverySeconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 2, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<long> BatchEntries = new()
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    };

    private readonly Counter<long> _failovers;
    private readonly Histogram<double> _recovery;
    private readonly Histogram<double> _switchovers;
    private readonly Counter<long> _processed;
    private readonly Counter<long> _lost;
    private readonly Histogram<double> _writes;
    private readonly Histogram<double> _reads;
    private readonly Histogram<double> _fsyncs;
    private readonly Histogram<long> _batches;
    private readonly Histogram<double> _rounds;
    private readonly Gauge<long> _storeEntries;
    private readonly Gauge<long> _storeBytes;
    private readonly Counter<long> _healthChecks;
    private readonly Gauge<long> _application;
    private readonly Gauge<long> _applicationRole;
    private readonly Histogram<double> _applicationRuns;

    public FailoverMetrics(MetricsRegistry registry)
    {
        var meter = registry.Meter;
        _failovers = meter.CreateCounter<long>(
            "failover_events_total",
            description: "Changes of primary that this node carried out or decided, by kind (failover, switchover, forced)."
        );
        _recovery = meter.CreateHistogram(
            "failover_recovery_time_seconds",
            description: "From the last sign of life of the old primary to the first commit of the new one.",
            advice: RecoverySeconds
        );
        _switchovers = meter.CreateHistogram(
            "failover_switchover_time_seconds",
            description: "From the last request that the old primary admitted to the first commit of the new one, of planned switchovers.",
            advice: RecoverySeconds
        );
        _processed = meter.CreateCounter<long>(
            "messages_processed_total",
            description: "Commands applied to this node's replicas."
        );
        _lost = meter.CreateCounter<long>(
            "messages_lost_total",
            description: "Acknowledged writes given up by a forced failover that accepted data loss."
        );
        _writes = meter.CreateHistogram(
            "failover_write_duration_seconds",
            description: "Time of a write at the primary, from its arrival to its answer, by outcome.",
            advice: WriteSeconds
        );
        _reads = meter.CreateHistogram(
            "failover_read_duration_seconds",
            description: "Time of a read at the replica that answered it, by consistency.",
            advice: WriteSeconds
        );
        _fsyncs = meter.CreateHistogram(
            "failover_log_fsync_duration_seconds",
            description: "Time of one fdatasync of a replica's log.",
            advice: WriteSeconds
        );
        _batches = meter.CreateHistogram(
            "failover_replication_batch_entries",
            description: "Log entries replicated together.",
            advice: BatchEntries
        );
        _rounds = meter.CreateHistogram(
            "failover_register_round_duration_seconds",
            description: "Time of one round of the view register, by outcome.",
            advice: WriteSeconds
        );
        _storeEntries = meter.CreateGauge<long>(
            "failover_store_entries",
            description: "Keys in this node's replica of a partition."
        );
        _storeBytes = meter.CreateGauge<long>(
            "failover_store_bytes",
            description: "Bytes of keys and values in this node's replica of a partition, roughly."
        );
        _healthChecks = meter.CreateCounter<long>(
            "failover_health_checks_total",
            description: "Checks of this node's application, by result (passed, failed); none without failover.health.command."
        );
        _application = meter.CreateGauge<long>(
            "failover_application_healthy",
            description: "Whether this node's application counts as healthy (1) or not (0); absent without failover.health.command."
        );
        _applicationRole = meter.CreateGauge<long>(
            "failover_application_role",
            description: "What this node's application is: 1 primary, 0 standby, -1 changing or failed; absent without failover.application."
        );
        _applicationRuns = meter.CreateHistogram(
            "failover_application_run_duration_seconds",
            description: "Time of one run of the application's handler, by role (primary, standby) and result (passed, failed).",
            advice: RecoverySeconds
        );

        foreach (var kind in (ReadOnlySpan<string>)["failover", "switchover", "forced"])
            registry.Expose(_failovers, new KeyValuePair<string, object?>("kind", kind));
        registry.Expose(_recovery);
        registry.Expose(_switchovers);
        registry.Expose(_processed);
        registry.Expose(_lost);
    }

    /// <param name="kind"><c>failover</c>, <c>switchover</c> or <c>forced</c>.</param>
    public void Failover(string kind) => _failovers.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <param name="time">From the old primary's last sign of life, or the last request it admitted, to the new one's first commit.</param>
    /// <param name="isPlanned">Whether it was a switchover: nothing had to be recovered from.</param>
    public void Recovered(TimeSpan time, bool isPlanned = false) =>
        (isPlanned ? _switchovers : _recovery).Record(time.TotalSeconds);

    public void HealthChecked(bool passed) =>
        _healthChecks.Add(1, new KeyValuePair<string, object?>("result", passed ? "passed" : "failed"));

    public void Application(bool healthy) => _application.Record(healthy ? 1 : 0);

    /// <param name="role">Null while it changes, or after a failure.</param>
    public void ApplicationRole(ApplicationRole? role) =>
        _applicationRole.Record(
            role switch
            {
                Core.Application.ApplicationRole.Primary => 1,
                Core.Application.ApplicationRole.Standby => 0,
                _ => -1,
            }
        );

    /// <param name="role"><c>primary</c> or <c>standby</c>.</param>
    public void ApplicationRun(string role, bool passed, TimeSpan time) =>
        _applicationRuns.Record(
            time.TotalSeconds,
            new KeyValuePair<string, object?>("role", role),
            new KeyValuePair<string, object?>("result", passed ? "passed" : "failed")
        );

    public void Processed(long commands = 1) => _processed.Add(commands);

    public void Lost(long writes) => _lost.Add(writes);

    /// <param name="time">From the command's arrival at the primary to its answer.</param>
    /// <param name="outcome"><c>ok</c>, <c>refused</c>, <c>conflict</c> or <c>failed</c>.</param>
    public void Write(TimeSpan time, string outcome) =>
        _writes.Record(time.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="time">From the read's arrival at the replica to its answer.</param>
    /// <param name="consistency"><c>linearizable</c> or <c>stale</c>.</param>
    public void Read(TimeSpan time, string consistency) =>
        _reads.Record(time.TotalSeconds, new KeyValuePair<string, object?>("consistency", consistency));

    public void LogFsync(TimeSpan time) => _fsyncs.Record(time.TotalSeconds);

    public void Batch(int entries) => _batches.Record(entries);

    /// <param name="time">From the first prepare to the last answer needed.</param>
    /// <param name="outcome"><c>committed</c>, <c>conflict</c> or <c>no-majority</c>.</param>
    public void RegisterRound(TimeSpan time, string outcome) =>
        _rounds.Record(time.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    public void Store(PartitionId partition, long entries, long bytes)
    {
        var label = new KeyValuePair<string, object?>("partition", PartitionLabel.Of(partition));
        _storeEntries.Record(entries, label);
        _storeBytes.Record(bytes, label);
    }
}

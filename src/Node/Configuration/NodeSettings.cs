using System.Collections.Immutable;
using Akka.Configuration;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Leases;

namespace Failover.Node.Configuration;

/// <summary>A setting that is missing, malformed or out of bounds. Its message is one line for the operator.</summary>
internal sealed class SettingsException(string message) : Exception(message);

/// <summary>The checked <c>failover { }</c> settings of one node, and the whole configuration they came from.</summary>
/// <remarks>What each setting means stands in <c>hocon/reference.conf</c>.</remarks>
internal sealed record NodeSettings
{
    public required NodeId Node { get; init; }

    public required ImmutableArray<NodeId> Voters { get; init; }

    public required ImmutableArray<string> Roles { get; init; }

    public required int Partitions { get; init; }

    public required string DataDirectory { get; init; }

    public required LeaseOptions Lease { get; init; }

    public required DetectionOptions Detection { get; init; }

    public required ReplicationSettings Replication { get; init; }

    public required TimeSpan AbsenceTimeout { get; init; }

    public required TimeSpan BackOffMin { get; init; }

    public required TimeSpan BackOffMax { get; init; }

    public required TimeSpan HealthBackOff { get; init; }

    /// <summary>How the application is asked for its health; null if it is not.</summary>
    public required HealthSettings? Health { get; init; }

    /// <summary>How the application is made primary or standby; null if it is not.</summary>
    public required HandlerSettings? Handler { get; init; }

    public required HttpSettings Http { get; init; }

    public required string ProbeHost { get; init; }

    public required int ProbePort { get; init; }

    public required string PbmHost { get; init; }

    public required int PbmPort { get; init; }

    /// <summary>Everything, the engine's own settings among it.</summary>
    public required Config Config { get; init; }

    public bool HasData => Roles.Contains(Messages.NodeInfo.DataRole);

    public bool MayMonitor => Roles.Contains(Messages.NodeInfo.MonitorRole);

    /// <exception cref="SettingsException">A setting cannot be used.</exception>
    public static NodeSettings From(Config config)
    {
        KnownKeys.Check(config);
        var failover = new SettingsReader(config, "failover");
        var lease = ReadLease(failover);
        var settings = new NodeSettings
        {
            Node = new NodeId(failover.Name("node")),
            Voters = [.. failover.Names("voters").Select(v => new NodeId(v))],
            Roles = [.. config.GetStringList("akka.cluster.roles")],
            Partitions = failover.Int("partitions", 1, 1024),
            DataDirectory = failover.Required("data-dir"),
            Lease = lease,
            Detection = new DetectionOptions
            {
                Interval = lease.Interval,
                Misses = failover.Int("heartbeat.misses", 1, 100),
                Phi = failover.Double("heartbeat.phi", 1, 16),
                HungAfter = failover.Duration("heartbeat.hung-after"),
            },
            Replication = ReadReplication(failover),
            AbsenceTimeout = failover.Duration("monitor.absence-timeout"),
            BackOffMin = failover.Duration("monitor.back-off.min"),
            BackOffMax = failover.Duration("monitor.back-off.max"),
            HealthBackOff = failover.Duration("monitor.back-off.health"),
            Health = ReadHealth(failover),
            Handler = ReadHandler(failover),
            Http = ReadHttp(failover),
            ProbeHost = failover.Required("probe.host"),
            ProbePort = failover.Int("probe.port", 0, 65_535),
            PbmHost = failover.Required("pbm.host"),
            PbmPort = failover.Int("pbm.port", 0, 65_535),
            Config = config,
        };
        settings.CheckTogether();
        return settings;
    }

    private static LeaseOptions ReadLease(SettingsReader failover)
    {
        var lease = new LeaseOptions
        {
            Interval = failover.Duration("heartbeat.interval", TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(10)),
            Duration = failover.Duration("heartbeat.lease"),
        };
        try
        {
            lease.Validate();
        }
        catch (ArgumentException invalid)
        {
            throw new SettingsException(invalid.Message);
        }

        return lease;
    }

    private static ReplicationSettings ReadReplication(SettingsReader failover) =>
        new(
            Durable: failover.OneOf("replication.durability", "disk", "memory") == "disk",
            MinInSync: failover.Int("replication.min-in-sync", 1, 9),
            ReplicaTimeout: failover.Duration("replication.replica-timeout"),
            SnapshotAfter: failover.Bytes("replication.snapshot-after", 64L << 10, 1L << 40),
            SwitchoverTimeout: failover.Duration("replication.switchover-timeout")
        );

    private static HealthSettings? ReadHealth(SettingsReader failover)
    {
        var settings = new HealthSettings(
            [.. failover.Texts("health.command")],
            failover.Duration("health.interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            failover.Duration("health.timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            failover.Int("health.failures", 1, 1000),
            failover.Int("health.recoveries", 1, 1000)
        );
        return settings.Command.IsEmpty ? null : settings;
    }

    private static HandlerSettings? ReadHandler(SettingsReader failover)
    {
        var settings = new HandlerSettings(
            [.. failover.Texts("application.become-primary")],
            [.. failover.Texts("application.become-standby")],
            failover.Duration("application.timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            failover.Duration("application.repeat", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            failover.Int("application.failures", 1, 1000),
            failover.Int("application.recoveries", 1, 1000)
        );
        if (settings.BecomePrimary.IsEmpty != settings.BecomeStandby.IsEmpty)
            throw new SettingsException(
                "failover.application.become-primary and become-standby must be set both, or neither"
            );
        return settings.BecomePrimary.IsEmpty ? null : settings;
    }

    private static HttpSettings ReadHttp(SettingsReader failover) =>
        new(
            Enabled: failover.Bool("http.enabled"),
            Host: failover.Required("http.host"),
            Port: failover.Int("http.port", 0, 65_535),
            AuthToken: failover.Text("http.auth-token"),
            RequestTimeout: failover.Duration("http.request-timeout"),
            KeyBytes: failover.Bytes("limits.key", 1, 1L << 20),
            ValueBytes: failover.Bytes("limits.value", 1, 1L << 30),
            UpdateEntries: failover.Int("limits.update-entries", 1, 1_000_000),
            BodyBytes: failover.Bytes("limits.body", 1, 1L << 30)
        );

    private void CheckTogether()
    {
        if (!HasData && !MayMonitor)
            throw new SettingsException("akka.cluster.roles must name \"data\", \"monitor\" or both");
        if (!Voters.Contains(Node))
            throw new SettingsException(
                $"failover.voters [{string.Join(", ", Voters)}] must contain failover.node ({Node})"
            );
        if (Voters.Distinct().Count() != Voters.Length)
            throw new SettingsException($"failover.voters [{string.Join(", ", Voters)}] names a node twice");
        if (BackOffMax < BackOffMin)
            throw new SettingsException(
                $"failover.monitor.back-off.max ({BackOffMax.TotalMilliseconds} ms) must not be shorter than failover.monitor.back-off.min ({BackOffMin.TotalMilliseconds} ms)"
            );
        if (BackOffMax < HealthBackOff)
            throw new SettingsException(
                $"failover.monitor.back-off.max ({BackOffMax.TotalMilliseconds} ms) must not be shorter than failover.monitor.back-off.health ({HealthBackOff.TotalMilliseconds} ms)"
            );
        if (Lease.Duration <= Detection.SilenceAllowed)
        {
            throw new SettingsException(
                $"failover.heartbeat.lease ({Lease.Duration.TotalMilliseconds} ms) must be longer than the silence that misses ({Detection.Misses}) and interval ({Lease.Interval.TotalMilliseconds} ms) allow, {Detection.SilenceAllowed.TotalMilliseconds} ms"
            );
        }
    }
}

internal sealed record ReplicationSettings(
    bool Durable,
    int MinInSync,
    TimeSpan ReplicaTimeout,
    long SnapshotAfter,
    TimeSpan SwitchoverTimeout
);

/// <param name="Command">A program and its arguments.</param>
internal sealed record HealthSettings(
    ImmutableArray<string> Command,
    TimeSpan Interval,
    TimeSpan Timeout,
    int Failures,
    int Recoveries
);

/// <param name="BecomePrimary">A program and its arguments.</param>
/// <param name="BecomeStandby">A program and its arguments.</param>
internal sealed record HandlerSettings(
    ImmutableArray<string> BecomePrimary,
    ImmutableArray<string> BecomeStandby,
    TimeSpan Timeout,
    TimeSpan Repeat,
    int Failures,
    int Recoveries
);

internal sealed record HttpSettings(
    bool Enabled,
    string Host,
    int Port,
    string AuthToken,
    TimeSpan RequestTimeout,
    long KeyBytes,
    long ValueBytes,
    int UpdateEntries,
    long BodyBytes
);

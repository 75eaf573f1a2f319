using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Cluster;

/// <summary><c>akka.cluster</c>, read once.</summary>
public sealed class ClusterSettings
{
    public ClusterSettings(Config config, string systemName)
    {
        var cluster =
            config.GetConfig("akka.cluster")
            ?? throw new ConfigurationException($"akka.cluster is missing in the configuration of {systemName}");
        LogInfo = cluster.GetBoolean("log-info", true);
        FailureDetectorConfig = cluster.GetConfig("failure-detector")!;
        HeartbeatInterval = FailureDetectorConfig.GetTimeSpan("heartbeat-interval");
        HeartbeatExpectedResponseAfter = FailureDetectorConfig.GetTimeSpan("expected-response-after");
        MonitoredByNrOfMembers = FailureDetectorConfig.GetInt("monitored-by-nr-of-members");
        SeedNodes = [.. cluster.GetStringList("seed-nodes").Select(Address.Parse)];
        SeedNodeTimeout = cluster.GetTimeSpan("seed-node-timeout");
        RetryUnsuccessfulJoinAfter = TimeOrOff(cluster, "retry-unsuccessful-join-after");
        ShutdownAfterUnsuccessfulJoinSeedNodes = TimeOrOff(cluster, "shutdown-after-unsuccessful-join-seed-nodes");
        GossipInterval = cluster.GetTimeSpan("gossip-interval");
        LeaderActionsInterval = cluster.GetTimeSpan("leader-actions-interval");
        UnreachableNodesReaperInterval = cluster.GetTimeSpan("unreachable-nodes-reaper-interval");
        Roles = [.. cluster.GetStringList("roles")];
        AppVersion = AppVersion.Create(cluster.GetString("app-version", "0.0.0")!);
        UseDispatcher = cluster.GetString("use-dispatcher") is { Length: > 0 } dispatcher
            ? dispatcher
            : "akka.cluster.own-thread-dispatcher";
        MinNrOfMembers = cluster.GetInt("min-nr-of-members", 1);
        MinNrOfMembersOfRole = MinimaOfRoles(cluster);
        DowningProviderType = cluster.GetString("downing-provider-class") is { Length: > 0 } name
            ? TypeByName.Find(name)
            : typeof(NoDowning);
        RunCoordinatedShutdownWhenDown = cluster.GetBoolean("run-coordinated-shutdown-when-down", true);
        var weaklyUp = cluster.GetString("allow-weakly-up-members", "7s");
        AllowWeaklyUpMembers = !IsOff(weaklyUp);
        WeaklyUpAfter = weaklyUp is "on" or "true"
            ? TimeSpan.FromSeconds(7)
            : TimeOrOff(cluster, "allow-weakly-up-members") ?? TimeSpan.Zero;
    }

    public bool LogInfo { get; }

    public Config FailureDetectorConfig { get; }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan HeartbeatExpectedResponseAfter { get; }

    public int MonitoredByNrOfMembers { get; }

    public ImmutableList<Address> SeedNodes { get; }

    public TimeSpan SeedNodeTimeout { get; }

    public TimeSpan? RetryUnsuccessfulJoinAfter { get; }

    public TimeSpan? ShutdownAfterUnsuccessfulJoinSeedNodes { get; }

    public TimeSpan GossipInterval { get; }

    public TimeSpan LeaderActionsInterval { get; }

    public TimeSpan UnreachableNodesReaperInterval { get; }

    public ImmutableHashSet<string> Roles { get; }

    public AppVersion AppVersion { get; }

    public string UseDispatcher { get; }

    public int MinNrOfMembers { get; }

    public ImmutableDictionary<string, int> MinNrOfMembersOfRole { get; }

    public Type DowningProviderType { get; }

    public bool RunCoordinatedShutdownWhenDown { get; }

    public bool AllowWeaklyUpMembers { get; }

    public TimeSpan WeaklyUpAfter { get; }

    private static TimeSpan? TimeOrOff(Config config, string path) =>
        IsOff(config.GetString(path)) ? null : config.GetTimeSpan(path);

    private static bool IsOff(string? value) => value is null or "" or "off" or "false" or "no";

    private static ImmutableDictionary<string, int> MinimaOfRoles(Config cluster)
    {
        var roles = cluster.GetConfig("role") ?? Config.Empty;
        return roles
            .AsEnumerable()
            .Select(entry => (Role: entry.Key, Minimum: roles.GetInt($"{entry.Key}.min-nr-of-members")))
            .Where(entry => entry.Minimum > 0)
            .ToImmutableDictionary(entry => entry.Role.Trim('"'), entry => entry.Minimum);
    }
}

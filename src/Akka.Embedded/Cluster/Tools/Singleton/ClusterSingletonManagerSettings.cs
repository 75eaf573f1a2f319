using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Singleton;

/// <summary><c>akka.cluster.singleton</c>: which nodes may host a singleton, and how it moves.</summary>
public sealed class ClusterSingletonManagerSettings : INoSerializationVerificationNeeded
{
    /// <param name="role">Null or empty: every node.</param>
    /// <param name="removalMargin">How long to wait after the removal of an older node that could not hand over; zero: as the downing provider says.</param>
    public ClusterSingletonManagerSettings(
        string singletonName,
        string role,
        TimeSpan removalMargin,
        TimeSpan handOverRetryInterval,
        bool considerAppVersion
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(singletonName);
        ArgumentOutOfRangeException.ThrowIfLessThan(removalMargin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(handOverRetryInterval, TimeSpan.Zero);
        SingletonName = singletonName;
        Role = role;
        RemovalMargin = removalMargin;
        HandOverRetryInterval = handOverRetryInterval;
        ConsiderAppVersion = considerAppVersion;
    }

    public string SingletonName { get; }

    public string Role { get; }

    public TimeSpan RemovalMargin { get; }

    public TimeSpan HandOverRetryInterval { get; }

    public bool ConsiderAppVersion { get; }

    public static ClusterSingletonManagerSettings Create(ActorSystem system) =>
        Create(
            system.Settings.Config.GetConfig("akka.cluster.singleton")
                ?? throw new ConfigurationException("akka.cluster.singleton is missing in the configuration")
        );

    public static ClusterSingletonManagerSettings Create(Config config) =>
        new(
            config.GetString("singleton-name", "singleton")!,
            config.GetString("role", "")!,
            TimeSpan.Zero,
            config.GetTimeSpan("hand-over-retry-interval", TimeSpan.FromSeconds(1)),
            config.GetBoolean("consider-app-version")
        );

    public ClusterSingletonManagerSettings WithSingletonName(string singletonName) =>
        new(singletonName, Role, RemovalMargin, HandOverRetryInterval, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithRole(string role) =>
        new(SingletonName, role, RemovalMargin, HandOverRetryInterval, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithRemovalMargin(TimeSpan removalMargin) =>
        new(SingletonName, Role, removalMargin, HandOverRetryInterval, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithHandOverRetryInterval(TimeSpan handOverRetryInterval) =>
        new(SingletonName, Role, RemovalMargin, handOverRetryInterval, ConsiderAppVersion);
}

using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Singleton;

/// <summary><c>akka.cluster.singleton-proxy</c>: where to look for a singleton, and what to keep while it is away.</summary>
public sealed class ClusterSingletonProxySettings : INoSerializationVerificationNeeded
{
    /// <param name="bufferSize">How many messages to keep while the place is unknown, 0 to 10000; past it the oldest goes.</param>
    public ClusterSingletonProxySettings(
        string singletonName,
        string role,
        TimeSpan singletonIdentificationInterval,
        int bufferSize,
        bool considerAppVersion
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(singletonName);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(singletonIdentificationInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bufferSize, 10000);
        SingletonName = singletonName;
        Role = role;
        SingletonIdentificationInterval = singletonIdentificationInterval;
        BufferSize = bufferSize;
        ConsiderAppVersion = considerAppVersion;
    }

    public string SingletonName { get; }

    public string Role { get; }

    public TimeSpan SingletonIdentificationInterval { get; }

    public int BufferSize { get; }

    public bool ConsiderAppVersion { get; }

    public static ClusterSingletonProxySettings Create(ActorSystem system) =>
        Create(
            system.Settings.Config.GetConfig("akka.cluster.singleton-proxy")
                ?? throw new ConfigurationException("akka.cluster.singleton-proxy is missing in the configuration"),
            system.Settings.Config.GetBoolean("akka.cluster.singleton.consider-app-version")
        );

    public static ClusterSingletonProxySettings Create(Config config, bool considerAppVersion) =>
        new(
            config.GetString("singleton-name", "singleton")!,
            config.GetString("role", "")!,
            config.GetTimeSpan("singleton-identification-interval", TimeSpan.FromSeconds(1)),
            config.GetInt("buffer-size", 1000),
            considerAppVersion
        );

    public ClusterSingletonProxySettings WithSingletonName(string singletonName) =>
        new(singletonName, Role, SingletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithRole(string role) =>
        new(SingletonName, role, SingletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithSingletonIdentificationInterval(
        TimeSpan singletonIdentificationInterval
    ) => new(SingletonName, Role, singletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithBufferSize(int bufferSize) =>
        new(SingletonName, Role, SingletonIdentificationInterval, bufferSize, ConsiderAppVersion);
}

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Client;

/// <summary><c>akka.cluster.client</c>: whom a client asks first, and how patient it is.</summary>
public sealed class ClusterClientSettings : INoSerializationVerificationNeeded
{
    /// <param name="initialContacts">Paths of receptionists.</param>
    /// <param name="bufferSize">0 to 10000 messages.</param>
    /// <param name="reconnectTimeout">Null: never give up.</param>
    public ClusterClientSettings(
        IImmutableSet<ActorPath> initialContacts,
        TimeSpan establishingGetContactsInterval,
        TimeSpan refreshContactsInterval,
        TimeSpan heartbeatInterval,
        TimeSpan acceptableHeartbeatPause,
        int bufferSize,
        TimeSpan? reconnectTimeout = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bufferSize, 10000);
        InitialContacts = initialContacts;
        EstablishingGetContactsInterval = establishingGetContactsInterval;
        RefreshContactsInterval = refreshContactsInterval;
        HeartbeatInterval = heartbeatInterval;
        AcceptableHeartbeatPause = acceptableHeartbeatPause;
        BufferSize = bufferSize;
        ReconnectTimeout = reconnectTimeout;
    }

    public IImmutableSet<ActorPath> InitialContacts { get; }

    public TimeSpan EstablishingGetContactsInterval { get; }

    public TimeSpan RefreshContactsInterval { get; }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan AcceptableHeartbeatPause { get; }

    public int BufferSize { get; }

    public TimeSpan? ReconnectTimeout { get; }

    public static ClusterClientSettings Create(ActorSystem system) =>
        Create(
            system.Settings.Config.GetConfig("akka.cluster.client")
                ?? throw new ConfigurationException("akka.cluster.client is missing in the configuration")
        );

    /// <param name="config">Laid out as <c>akka.cluster.client</c> is.</param>
    public static ClusterClientSettings Create(Config config) =>
        new(
            [.. config.GetStringList("initial-contacts").Select(ActorPath.Parse)],
            config.GetTimeSpan("establishing-get-contacts-interval", TimeSpan.FromSeconds(3)),
            config.GetTimeSpan("refresh-contacts-interval", TimeSpan.FromSeconds(60)),
            config.GetTimeSpan("heartbeat-interval", TimeSpan.FromSeconds(2)),
            config.GetTimeSpan("acceptable-heartbeat-pause", TimeSpan.FromSeconds(13)),
            config.GetInt("buffer-size", 1000),
            config.GetString("reconnect-timeout", "off") is "off" or "false"
                ? null
                : config.GetTimeSpan("reconnect-timeout")
        );

    /// <exception cref="ArgumentException">There are none.</exception>
    public ClusterClientSettings WithInitialContacts(IImmutableSet<ActorPath> initialContacts)
    {
        if (initialContacts.Count == 0)
            throw new ArgumentException("A cluster client needs initial contacts", nameof(initialContacts));
        return Copy(initialContacts: initialContacts);
    }

    public ClusterClientSettings WithEstablishingGetContactsInterval(TimeSpan value) => Copy(establishing: value);

    public ClusterClientSettings WithRefreshContactsInterval(TimeSpan value) => Copy(refresh: value);

    public ClusterClientSettings WithHeartbeatInterval(TimeSpan value) => Copy(heartbeat: value);

    public ClusterClientSettings WithBufferSize(int bufferSize) => Copy(bufferSize: bufferSize);

    public ClusterClientSettings WithReconnectTimeout(TimeSpan? reconnectTimeout) =>
        new(
            InitialContacts,
            EstablishingGetContactsInterval,
            RefreshContactsInterval,
            HeartbeatInterval,
            AcceptableHeartbeatPause,
            BufferSize,
            reconnectTimeout
        );

    private ClusterClientSettings Copy(
        IImmutableSet<ActorPath>? initialContacts = null,
        TimeSpan? establishing = null,
        TimeSpan? refresh = null,
        TimeSpan? heartbeat = null,
        int? bufferSize = null
    ) =>
        new(
            initialContacts ?? InitialContacts,
            establishing ?? EstablishingGetContactsInterval,
            refresh ?? RefreshContactsInterval,
            heartbeat ?? HeartbeatInterval,
            AcceptableHeartbeatPause,
            bufferSize ?? BufferSize,
            ReconnectTimeout
        );
}

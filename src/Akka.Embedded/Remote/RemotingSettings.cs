using Akka.Configuration;

namespace Akka.Remote;

/// <summary>The settings of remoting as read from <c>akka.remote</c>.</summary>
internal sealed record RemotingSettings
{
    private const string Tcp = "dot-netty.tcp.";

    public RemotingSettings(Config remote)
    {
        Untrusted = remote.GetBoolean("untrusted-mode");
        TrustedSelectionPaths = [.. remote.GetStringList("trusted-selection-paths")];
        FlushWait = remote.GetTimeSpan("flush-wait-on-shutdown");
        LongestRetryPause = Positive(remote, "retry-gate-closed-for");
        QueueLimit = remote.GetByteSize("outbound-buffer-size", null) ?? 128 << 20;
        SystemMessageLimit = remote.GetInt("system-message-buffer-size");
        LogLifecycle =
            remote.GetString("log-remote-lifecycle-events", "on").ToUpperInvariant() is not ("OFF" or "FALSE");
        HeartbeatInterval = Positive(remote, "watch-failure-detector.heartbeat-interval");
        AcceptablePause = Positive(remote, "watch-failure-detector.acceptable-heartbeat-pause");
        TransportHeartbeatInterval = Positive(remote, "transport-failure-detector.heartbeat-interval");
        TransportAcceptablePause = Positive(remote, "transport-failure-detector.acceptable-heartbeat-pause");
        Hostname = remote.GetString(Tcp + "hostname", "");
        Port = remote.GetInt(Tcp + "port");
        PublicHostname = remote.GetString(Tcp + "public-hostname", "");
        PublicPort = remote.GetInt(Tcp + "public-port");
        ConnectTimeout = Positive(remote, Tcp + "connection-timeout");
        MaximumFrameSize = (int)(remote.GetByteSize(Tcp + "maximum-frame-size", null) ?? 128_000);
        if (MaximumFrameSize < 32_000)
            throw new ConfigurationException($"akka.remote.{Tcp}maximum-frame-size must be at least 32000 bytes");
        SendBufferSize = (int)(remote.GetByteSize(Tcp + "send-buffer-size", null) ?? 0);
        ReceiveBufferSize = (int)(remote.GetByteSize(Tcp + "receive-buffer-size", null) ?? 0);
        Backlog = remote.GetInt(Tcp + "backlog", 4096);
        NoDelay = remote.GetBoolean(Tcp + "tcp-nodelay", true);
        KeepAlive = remote.GetBoolean(Tcp + "tcp-keepalive", true);
        Ssl = remote.GetBoolean(Tcp + "enable-ssl")
            ? new SslSettings(remote.GetConfig(Tcp + "ssl") ?? Config.Empty)
            : null;
    }

    public bool Untrusted { get; }

    public HashSet<string> TrustedSelectionPaths { get; }

    public TimeSpan FlushWait { get; }

    public TimeSpan LongestRetryPause { get; }

    /// <summary>In bytes.</summary>
    public long QueueLimit { get; }

    public int SystemMessageLimit { get; }

    public bool LogLifecycle { get; }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan AcceptablePause { get; }

    public TimeSpan TransportHeartbeatInterval { get; }

    public TimeSpan TransportAcceptablePause { get; }

    public string Hostname { get; }

    public int Port { get; }

    public string PublicHostname { get; }

    public int PublicPort { get; }

    public TimeSpan ConnectTimeout { get; }

    /// <summary>In bytes.</summary>
    public int MaximumFrameSize { get; }

    /// <summary>In bytes; 0 leaves the kernel's default.</summary>
    public int SendBufferSize { get; }

    /// <summary>In bytes; 0 leaves the kernel's default.</summary>
    public int ReceiveBufferSize { get; }

    public int Backlog { get; }

    public bool NoDelay { get; }

    public bool KeepAlive { get; }

    /// <summary>Null without TLS.</summary>
    public SslSettings? Ssl { get; }

    private static TimeSpan Positive(Config remote, string key)
    {
        var span = remote.GetTimeSpan(key);
        return span > TimeSpan.Zero
            ? span
            : throw new ConfigurationException($"akka.remote.{key} must be positive, not {span}");
    }
}

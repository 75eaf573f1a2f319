using System.Net;

namespace Failover.Node.Pbm;

internal sealed record PbmOptions
{
    /// <summary>The node's name, for the greeting.</summary>
    public required string Node { get; init; }

    /// <summary>Where to listen. There is no authentication: whoever can connect can take members down.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>How many sessions there may be at a time; a further one is told so and closed.</summary>
    public int MaxSessions { get; init; } = 32;

    /// <summary>How long a client may leave an answer unread before its session ends.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

using System.Globalization;
using Failover.Core;

namespace Failover.Messages;

/// <summary>Where each actor of a node is found below <c>/user</c>. The same on every node, so that peers need no look-up.</summary>
public static class ActorNames
{
    /// <summary>The actor system's name: part of every address.</summary>
    public const string System = "failover";

    public const string Directory = "directory";

    public const string Acceptor = "acceptor";

    public const string Register = "register";

    public const string Router = "router";

    public const string Heartbeat = "heartbeat";

    public const string Probe = "probe";

    public const string Monitor = "monitor";

    public const string StandIn = "stand-in";

    /// <summary>On data nodes with an application handler.</summary>
    public const string Application = "application";

    public static string Data(PartitionId partition) =>
        string.Create(CultureInfo.InvariantCulture, $"data-{partition.Value}");
}

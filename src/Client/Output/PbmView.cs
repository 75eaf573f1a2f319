using System.Globalization;
using Failover.Client.Api;

namespace Failover.Client.Output;

/// <summary>The lines that the <c>cluster</c> palette of pbm prints, so that scripts written for it go on working.</summary>
internal static class PbmView
{
    public static IEnumerable<string> Show(ClusterDocument cluster)
    {
        var nodes = InAddressOrder(cluster).ToArray();
        return nodes
            .Select(Line)
            .Append(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Count: {nodes.Length} {(nodes.Length == 1 ? "node" : "nodes")}"
                )
            );
    }

    public static string Line(NodeDocument node)
    {
        var roles = string.Join(", ", node.Roles ?? []);
        var reachability = node.Reachability == "reachable" ? "" : node.Reachability ?? "unknown";
        return $"{node.Address} | [{roles}] | {node.Status ?? "unknown"} | {reachability} | {node.Version}";
    }

    /// <summary>The cluster's leader: the first member by address that is up or leaving and can be reached.</summary>
    public static string? Leader(ClusterDocument cluster) =>
        cluster.Leader
        ?? InAddressOrder(cluster)
            .FirstOrDefault(node => node is { Status: "up" or "leaving", Reachability: "reachable" })
            ?.Address;

    private static IEnumerable<NodeDocument> InAddressOrder(ClusterDocument cluster) =>
        (cluster.Nodes ?? [])
            .Where(node => node.Address is not null)
            .OrderBy(node => Host(node.Address!), StringComparer.Ordinal)
            .ThenBy(node => Port(node.Address!));

    private static string Host(string address) =>
        address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..].Split(':')[0];

    private static int Port(string address) =>
        int.TryParse(address.AsSpan(address.LastIndexOf(':') + 1), CultureInfo.InvariantCulture, out var port)
            ? port
            : 0;
}

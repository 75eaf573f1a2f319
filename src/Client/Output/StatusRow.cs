using System.Globalization;
using Failover.Client.Api;

namespace Failover.Client.Output;

/// <summary>One line of the status table: a node, or one of its replicas when it holds several.</summary>
internal sealed record StatusRow(
    string Node,
    string Roles,
    string Partition,
    string Reported,
    string Assigned,
    string Epoch,
    string Position,
    string Lag,
    string Heartbeat,
    string Reachability,
    string Http
)
{
    private const string Nothing = "-";

    public static IReadOnlyList<StatusRow> From(ClusterDocument cluster) =>
        [
            .. (cluster.Nodes ?? [])
                .OrderBy(node => node.Roles?.Contains("monitor") != true)
                .ThenBy(node => node.Node, NaturalOrder.Instance)
                .SelectMany(RowsOf),
        ];

    private static IEnumerable<StatusRow> RowsOf(NodeDocument node)
    {
        var replicas = node.Replicas ?? [];
        return replicas.Count == 0
            ? [Row(node, null)]
            : replicas.OrderBy(replica => replica.Partition).Select(replica => Row(node, replica));
    }

    private static StatusRow Row(NodeDocument node, ReplicaDocument? replica) =>
        new(
            node.Node,
            node.Roles is { Count: > 0 } roles ? string.Join(",", roles) : Nothing,
            Number(replica?.Partition),
            ReportedOf(node, replica),
            (replica?.Assigned ?? Nothing) + (node.Maintenance ? " (maintenance)" : ""),
            Number(replica?.Epoch),
            replica?.Position is { } position
                ? string.Create(CultureInfo.InvariantCulture, $"{position.Epoch}/{position.Sequence}")
                : Nothing,
            Number(replica?.Lag),
            node.HeartbeatAgeMs is { } age ? Milliseconds(age) : Nothing,
            node.Reachability ?? "unknown",
            node.Http ?? Nothing
        );

    // The marks that pg_autoctl uses: the state is the last one heard, and nobody can vouch for it now.
    private static string ReportedOf(NodeDocument node, ReplicaDocument? replica)
    {
        var state = replica?.Reported ?? Nothing;
        return node.Reachability switch
        {
            "reachable" => state,
            "unreachable" => state + " !",
            _ => state + " ?",
        };
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? Nothing;

    private static string Milliseconds(double age) =>
        age < 10_000
            ? string.Create(CultureInfo.InvariantCulture, $"{age:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{age / 1000:0} s");
}

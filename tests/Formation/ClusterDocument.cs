using System.Text.Json;

namespace Failover.Formation;

/// <summary>Short names for what tests look for in a <c>/cluster</c> document.</summary>
public static class ClusterDocument
{
    public static string? Primary(this JsonElement cluster, int partition = 0) =>
        Partition(cluster, partition) is { } p ? p.GetProperty("primary").GetString() : null;

    public static long Epoch(this JsonElement cluster, int partition = 0) =>
        Partition(cluster, partition) is { } p ? p.GetProperty("epoch").GetInt64() : 0;

    public static string[] InSync(this JsonElement cluster, int partition = 0) =>
        Partition(cluster, partition) is { } p
            ? [.. p.GetProperty("inSync").EnumerateArray().Select(n => n.GetString()!)]
            : [];

    /// <summary>Whether the primary serves, as far as the node that was asked knows.</summary>
    public static bool Serves(this JsonElement cluster, int partition = 0) =>
        Partition(cluster, partition) is { } p && p.GetProperty("serving").GetBoolean();

    /// <summary>What is wrong, as the node that was asked sees it.</summary>
    public static string[] Problems(this JsonElement cluster) =>
        [.. cluster.GetProperty("problems").EnumerateArray().Select(p => p.GetString()!)];

    public static string? Reported(this JsonElement cluster, string node, int partition = 0)
    {
        foreach (var entry in cluster.GetProperty("nodes").EnumerateArray())
        {
            if (entry.GetProperty("node").GetString() != node)
                continue;
            foreach (var replica in entry.GetProperty("replicas").EnumerateArray())
            {
                if (replica.GetProperty("partition").GetInt32() == partition)
                    return replica.GetProperty("reported").GetString();
            }
        }

        return null;
    }

    private static JsonElement? Partition(JsonElement cluster, int partition)
    {
        foreach (var entry in cluster.GetProperty("partitions").EnumerateArray())
        {
            if (entry.GetProperty("partition").GetInt32() == partition)
                return entry;
        }

        return null;
    }
}

using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;

namespace Failover.Node.Lifeline;

/// <summary>What a node's report says that the last one that mattered did not.</summary>
internal static class ReportNews
{
    /// <summary>In words, for whoever follows the events.</summary>
    /// <param name="told">Null: nothing was told before.</param>
    public static string Describe(NodeReport report, NodeReport? told)
    {
        var before = told?.Incarnation == report.Incarnation ? told : null;
        var news = ImmutableArray.CreateBuilder<string>();
        if (report.Monitoring != (before?.Monitoring ?? false))
            news.Add(report.Monitoring ? "the Monitor runs" : "the Monitor runs no more");
        foreach (var replica in report.Replicas)
        {
            if (before?.Of(replica.Partition) is { } known && !replica.DiffersFrom(known))
                continue;
            var trouble = replica.Trouble is { } why ? $" ({why})" : "";
            news.Add($"partition {replica.Partition}: {Doing(replica)} in epoch {replica.Epoch}{trouble}");
        }

        return news.Count == 0 ? $"{report.Node} reports" : $"{report.Node} reports {string.Join(", ", news)}";
    }

    private static string Doing(ReplicaReport replica)
    {
        var role = replica.Role.ToString().ToLowerInvariant();
        return replica.Released ? $"{role}, has given its lease back," : role;
    }
}

using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;

namespace Failover.Node.Lifeline;

/// <summary>What in a node's report differs from the last one that mattered. Positions always differ, and are no news.</summary>
internal static class ReportNews
{
    public static bool IsNews(NodeReport report, NodeReport told) =>
        report.Incarnation != told.Incarnation
        || report.Formation != told.Formation
        || report.Monitoring != told.Monitoring
        || !HaveSameShape(report.Replicas, told.Replicas);

    // Asked for every heartbeat of every node: it allocates nothing.
    private static bool HaveSameShape(ImmutableArray<ReplicaReport> replicas, ImmutableArray<ReplicaReport> told)
    {
        if (replicas.Length != told.Length)
            return false;
        for (var i = 0; i < replicas.Length; i++)
        {
            if (Shape(replicas[i]) != Shape(told[i]))
                return false;
        }

        return true;
    }

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
            if (before?.Of(replica.Partition) is { } known && Shape(known) == Shape(replica))
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

    private static (ReplicaId, ReplicaRole, Epoch, bool, string?) Shape(ReplicaReport replica) =>
        (replica.Replica, replica.Role, replica.Epoch, replica.Released, replica.Trouble);
}

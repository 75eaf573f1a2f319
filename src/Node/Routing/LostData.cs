using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Views;

namespace Failover.Node.Routing;

/// <summary>Why a partition serves nobody until a person decides: whoever held its data has come back without it.</summary>
internal static class LostData
{
    /// <param name="reportOf">What a living node says of its replica of the partition; null: it does not live, or has none.</param>
    /// <returns>One sentence with the way out; null while a copy may still take over by itself.</returns>
    public static string? Describe(PartitionId partition, View view, Func<NodeId, ReplicaReport?> reportOf)
    {
        var reports = view.InSync.Select(r => (Replica: r, Report: reportOf(r.Node))).ToArray();
        if (reports.Any(r => r.Report?.Replica == r.Replica))
            return null;
        var lost = reports.Where(r => r.Report is not null).Select(r => r.Replica.Node).Order().ToArray();
        if (lost.Length == 0)
            return null;
        var away = reports.Where(r => r.Report is null).Select(r => r.Replica.Node).Order().ToArray();
        var came = $"{string.Join(" and ", lost)} came back without the data";
        return away.Length == 0
            ? $"partition {partition}: no copy of its data is left, {came}; to begin anew, accept the loss with failover --accept-data-loss"
            : $"partition {partition}: {came}, and {string.Join(" and ", away)} cannot be reached; start the latter, or accept the loss with failover --accept-data-loss";
    }

    /// <inheritdoc cref="Describe"/>
    public static string? Of(NodeParts parts, PartitionId partition)
    {
        if (parts.Knowledge.State?.ViewOf(partition) is not { } view)
            return null;
        var own = parts.Board.Report(parts.Clock.Now);
        return Describe(
            partition,
            view,
            node =>
                node == parts.Self ? own.FirstOrDefault(r => r.Partition == partition)
                : parts.Sights.Peers.GetValueOrDefault(node) is { Verdict: Core.Detection.Verdict.Alive } sight
                    ? sight.Report?.Of(partition)
                : null
        );
    }
}

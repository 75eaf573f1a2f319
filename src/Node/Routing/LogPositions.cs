using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Node.Lifeline;

namespace Failover.Node.Routing;

/// <summary>
/// How far the partitions' logs are known to have come, from this node's own replicas and the others' heartbeats: what is
/// asked for from now on can only stand behind it. Any thread asks.
/// </summary>
internal sealed class LogPositions(StatusBoard board, PeerSights sights)
{
    private const int LongestMark = 32_768;

    /// <returns>Null if nothing was heard of the partition.</returns>
    public Position? Of(PartitionId partition)
    {
        Position? furthest = board.Of(partition)?.Last;
        foreach (var sight in sights.Peers.Values)
        {
            if (sight.Report?.Of(partition)?.Last is { } heard && (furthest is null || heard > furthest))
                furthest = heard;
        }

        return furthest;
    }

    /// <summary>The positions of partitions 0, 1, …, as <c>Failover-Position</c> and <c>Failover-Since</c> spell them.</summary>
    public string Mark(int partitions) =>
        partitions == 1
            ? (Of(new PartitionId(0)) ?? Position.Zero).ToString()
            : string.Join(',', Enumerable.Range(0, partitions).Select(i => Of(new PartitionId(i)) ?? Position.Zero));

    public static bool TryParse(string mark, [NotNullWhen(true)] out IReadOnlyList<Position>? positions)
    {
        positions = null;
        if (mark.Length > LongestMark)
            return false;
        var read = new List<Position>();
        foreach (var part in mark.Split(','))
        {
            if (
                part.Split(':') is not [var epoch, var sequence]
                || Number(epoch) is not { } e
                || Number(sequence) is not { } s
            )
                return false;
            read.Add(new Position(new Epoch(e), s));
        }

        positions = read;
        return true;
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

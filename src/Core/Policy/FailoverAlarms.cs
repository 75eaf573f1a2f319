using System.Collections.Immutable;
using System.Globalization;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>The partitions that fail over by themselves too often: something is wrong that no failover mends.</summary>
public static class FailoverAlarms
{
    /// <summary>More automatic failovers than this within <see cref="Window"/> are too many.</summary>
    public const int Tolerated = 3;

    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>One sentence per partition that has failed over too often, for people; empty when all is calm.</summary>
    /// <param name="now">The reader's wall clock. Nothing is decided by it: the Monitor raises its alarm by its own instants.</param>
    public static ImmutableArray<string> Of(FormationState state, WallTime now) =>
        [
            .. from entry in state.History
            where entry is { Kind: DecisionKind.Failover, Partition: not null }
            where now.UnixMilliseconds - entry.At.UnixMilliseconds <= Window.TotalMilliseconds
            group entry by entry.Partition!.Value into failovers
            let count = failovers.Count()
            where count > Tolerated
            orderby failovers.Key
            select Sentence(failovers.Key, count),
        ];

    internal static string Sentence(PartitionId partition, int count) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"partition {partition} failed over {count} times by itself within an hour"
        );
}

using System.Collections.Immutable;
using Failover.Core.Views;

namespace Failover.Core.Tests;

/// <summary>Who plays in these stories: three nodes, their replicas, one partition.</summary>
internal static class Cast
{
    public static readonly NodeId A = new("a");
    public static readonly NodeId B = new("b");
    public static readonly NodeId C = new("c");
    public static readonly NodeId M = new("m");

    public static readonly ReplicaId ReplicaA = ReplicaOn(A, 1);
    public static readonly ReplicaId ReplicaB = ReplicaOn(B, 2);
    public static readonly ReplicaId ReplicaC = ReplicaOn(C, 3);

    /// <summary>Node b after it lost its data.</summary>
    public static readonly ReplicaId NewReplicaB = ReplicaOn(B, 22);

    public static readonly PartitionId P0 = new(0);

    public static readonly FormationId Formation = new(new Guid("f0000000-0000-0000-0000-000000000000"));

    public static readonly Signature SignedByM = new(new WallTime(1_000), M);

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static Instant At(double milliseconds) => new(Ms(milliseconds));

    public static Position Pos(long epoch, long sequence) => new(new Epoch(epoch), sequence);

    public static ReplicaId ReplicaOn(NodeId node, byte data) =>
        new(node, new DataId(new Guid($"{data:x8}-0000-0000-0000-000000000000")));

    public static View ViewOf(long epoch, ReplicaId primary, params ReplicaId[] others) =>
        new(new Epoch(epoch), primary, [.. others.Append(primary).OrderBy(r => r.Node)]);

    /// <summary>A formation of voters a, b, c with these views for the partitions from 0 on.</summary>
    public static FormationState State(long version, params View[] views) =>
        new(
            Formation,
            version,
            [A, B, C],
            views.Select((v, i) => KeyValuePair.Create(new PartitionId(i), v)).ToImmutableSortedDictionary(),
            false,
            [],
            []
        );
}

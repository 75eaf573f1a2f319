using Failover.Core;
using Failover.Core.Replication;
using Failover.Node.Lifeline;

namespace Failover.Node.Tests.Lifeline;

public sealed class StatusBoardTests
{
    private readonly StatusBoard _board = new(partitions: 2);

    [Fact]
    public void Nothing_is_told_before_a_replica_says_something()
    {
        Assert.Empty(_board.Report(Instant.Zero));
        Assert.Null(_board.Of(new PartitionId(0)));
    }

    [Fact]
    public void The_newest_line_of_each_partition_is_told_with_its_age()
    {
        _board.Post(Line(0, ReplicaRole.Joining, activeAt: 1));
        _board.Post(Line(1, ReplicaRole.Standby, activeAt: 2));
        _board.Post(Line(0, ReplicaRole.Standby, activeAt: 3));

        var report = _board.Report(At(10));

        Assert.Equal(
            [(0, ReplicaRole.Standby), (1, ReplicaRole.Standby)],
            report.Select(r => (r.Partition.Value, r.Role))
        );
        Assert.Equal([7, 8], report.Select(r => r.Idle.TotalSeconds));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_partition_that_the_node_does_not_have_has_no_line(int partition) =>
        Assert.Null(_board.Of(new PartitionId(partition)));

    private static Instant At(double seconds) => new(TimeSpan.FromSeconds(seconds));

    private static StatusBoard.Line Line(int partition, ReplicaRole role, double activeAt) =>
        new(
            new PartitionId(partition),
            new ReplicaId(new NodeId("a"), new DataId(Guid.Empty)),
            role,
            new Epoch(1),
            Position.Zero,
            0,
            Released: false,
            Trouble: null,
            At(activeAt),
            Entries: 0
        );
}

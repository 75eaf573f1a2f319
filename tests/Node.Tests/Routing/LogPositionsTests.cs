using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Node.Lifeline;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Routing;

public sealed class LogPositionsTests
{
    private readonly StatusBoard _board = new(partitions: 2);
    private readonly PeerSights _sights = new();

    [Fact]
    public void Of_what_was_heard_the_furthest_position_counts()
    {
        _board.Post(Line(0, Pos(3, 41)));
        Heard(Report(0, Pos(2, 99)), Report(0, Pos(3, 47)), null);

        Assert.Equal(Pos(3, 47), new LogPositions(_board, _sights).Of(new(0)));
    }

    [Fact]
    public void A_node_without_data_knows_what_the_others_say()
    {
        Heard(Report(1, Pos(2, 17)));
        var positions = new LogPositions(_board, _sights);

        Assert.Null(positions.Of(new(0)));
        Assert.Equal("0:0,2:17", positions.Mark(2));
        Assert.Equal("0:0", positions.Mark(1));
    }

    [Fact]
    public void A_mark_is_read_as_it_was_written()
    {
        _board.Post(Line(0, Pos(3, 41)));
        _board.Post(Line(1, Pos(2, 17)));

        Assert.True(LogPositions.TryParse(new LogPositions(_board, _sights).Mark(2), out var read));
        Assert.Equal([Pos(3, 41), Pos(2, 17)], read);
    }

    private static Position Pos(long epoch, long sequence) => new(new Epoch(epoch), sequence);

    private static ReplicaId Replica(string node) => new(new NodeId(node), new DataId(Guid.Empty));

    private static StatusBoard.Line Line(int partition, Position last) =>
        new(
            new PartitionId(partition),
            Replica("app1"),
            ReplicaRole.Standby,
            last.Epoch,
            last,
            Commit: 0,
            Released: false,
            Trouble: null,
            default,
            Entries: 0
        );

    private static ReplicaReport Report(int partition, Position last) =>
        new(
            new PartitionId(partition),
            Replica("app2"),
            ReplicaRole.Standby,
            last.Epoch,
            last,
            Commit: 0,
            Released: false,
            TimeSpan.Zero,
            Trouble: null
        );

    private void Heard(params ReplicaReport?[] reports)
    {
        var peers = reports.Select(
            (report, i) =>
            {
                var node = new NodeId($"peer{i}");
                var said = report is null
                    ? null
                    : new NodeReport(node, new Incarnation(1), null, 0, Monitoring: false, [report]);
                return KeyValuePair.Create(node, new PeerSight(said, null, 0, ProbeState.Connected, Verdict.Alive));
            }
        );
        _sights.Publish(new Dictionary<NodeId, PeerSight>(peers));
    }
}

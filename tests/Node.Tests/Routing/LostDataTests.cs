using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Routing;

public sealed class LostDataTests
{
    private static readonly PartitionId P0 = new(0);
    private static readonly ReplicaId App1 = Replica("app1", 1);
    private static readonly ReplicaId App2 = Replica("app2", 2);

    [Fact]
    public void While_one_copy_lives_nothing_is_lost() => Assert.Null(Described(Replica("app1", 9), App2));

    [Fact]
    public void While_nobody_is_there_nobody_has_come_back_without_data() => Assert.Null(Described());

    [Fact]
    public void When_all_come_back_without_data_only_a_person_can_go_on() =>
        Assert.Equal(
            "partition 0: no copy of its data is left, app1 and app2 came back without the data; to begin anew, accept the loss with failover --accept-data-loss",
            Described(Replica("app1", 9), Replica("app2", 9))
        );

    [Fact]
    public void A_node_that_may_still_have_a_copy_is_named() =>
        Assert.Equal(
            "partition 0: app1 came back without the data, and app2 cannot be reached; start the latter, or accept the loss with failover --accept-data-loss",
            Described(Replica("app1", 9))
        );

    private static string? Described(params ImmutableArray<ReplicaId> living) =>
        LostData.Describe(
            P0,
            new View(new Epoch(3), App1, [App1, App2]),
            node => living.Where(r => r.Node == node).Select(Report).FirstOrDefault()
        );

    private static ReplicaReport Report(ReplicaId replica) =>
        new(
            P0,
            replica,
            ReplicaRole.Joining,
            new Epoch(3),
            Position.Zero,
            0,
            Released: false,
            TimeSpan.Zero,
            Trouble: null
        );

    private static ReplicaId Replica(string node, byte data) =>
        new(new NodeId(node), new DataId(new Guid(data, 0, 0, new byte[8])));
}

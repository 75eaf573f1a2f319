using Akka.Cluster;
using Failover.Core;
using Failover.Core.Views;
using Failover.Node.Hosting;

namespace Failover.MultiNode;

/// <summary>What becomes of a node that leaves the cluster, or is taken out of it.</summary>
public sealed class LeaveSpecs
{
    [Fact]
    public async Task A_primary_that_is_told_to_leave_hands_over_first_and_ends_and_can_come_back()
    {
        await using var formation = await Formation.Found();
        var (primary, standby) = (formation.Primary, formation.Standby);
        var writer = Writer.Start(formation, "monitor1");
        await writer.Writes(20);
        var leaving = formation[primary];
        await formation.UntilAllAreMembers();

        Cluster.Get(formation["monitor1"].System).Leave(Cluster.Get(leaving.System).SelfAddress);
        await formation.UntilEnded(leaving);

        Assert.Equal(Ending.Left, leaving.Ending);
        await formation.Stop(primary);
        await writer.Writes(20);
        await writer.Stop();
        Assert.Equal((standby, new Epoch(2)), (formation.Primary, formation.View.Epoch));
        Assert.Equal(
            $"{primary} is stopping",
            Assert.Single(formation.State.History, e => e.Kind == DecisionKind.Switchover).Reason
        );

        await formation.Start(primary);
        await formation.UntilAllInSync();
        await formation.UntilHeldBy(writer.Acknowledged, "app1", "app2");
    }

    [Fact]
    public async Task A_primary_that_is_taken_out_though_it_lives_ends_and_nothing_is_lost()
    {
        await using var formation = await Formation.Found();
        await formation.UntilMonitored();
        var primary = formation.Primary;
        var writer = Writer.Start(formation, "monitor1");
        await writer.Writes(20);
        var removed = formation[primary];
        await formation.UntilAllAreMembers();

        Cluster.Get(formation["monitor1"].System).Down(Cluster.Get(removed.System).SelfAddress);
        await formation.UntilEnded(removed);
        // As the end of its process would: nobody listens at its ports any more.
        await formation.Kill(primary);

        Assert.Equal(Ending.Removed, removed.Ending);
        await formation.UntilLedAfter(new Epoch(1));
        await writer.Writes(20);
        await writer.Stop();
        await formation.Start(primary);
        await formation.UntilAllInSync();
        await formation.UntilHeldBy(writer.Acknowledged, "app1", "app2");
    }

    [Fact]
    public async Task A_node_that_stops_says_so()
    {
        await using var formation = await Formation.Found();
        var stopped = formation["app1"];

        await formation.Stop("app1");

        Assert.Equal(Ending.Stopped, stopped.Ending);
    }
}

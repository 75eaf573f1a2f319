using Failover.Core;
using Failover.Core.Views;

namespace Failover.MultiNode;

public sealed class FailoverSpecs
{
    [Fact]
    public async Task The_standby_is_promoted_when_the_primary_dies_and_has_every_acknowledged_write()
    {
        await using var formation = await Formation.Found();
        var (primary, standby) = (formation.Primary, formation.Standby);
        var writers = formation.Running.Select(n => Writer.Start(formation, n)).ToArray();
        await Task.WhenAll(writers.Select(w => w.Writes(20)));

        // The dying node's own client is cut off with it; the others only wait.
        var orphan = writers.Single(w => w.Via == primary);
        await formation.Kill(primary);
        var others = writers.Except([orphan]).ToArray();
        await Task.WhenAll(others.Select(w => w.Writes(20)));

        Assert.Equal(standby, formation.Primary);
        Assert.Equal(new Epoch(2), formation.View.Epoch);
        await Task.WhenAll(others.Select(w => w.Stop()));
        var map = await formation.Map("primary");
        Assert.All(writers.SelectMany(w => w.Acknowledged), entry => Assert.Equal(entry.Value, map[entry.Key]));
    }

    [Fact]
    public async Task The_history_tells_why_and_how_long_each_step_took()
    {
        await using var formation = await Formation.Found();
        var (primary, standby) = (formation.Primary, formation.Standby);

        await formation.Kill(primary);
        await formation.Until(
            "the failover's steps are recorded",
            () => formation.Journal.State?.History.Any(e => e.Phases is not null) == true
        );

        var failover = formation.State.History.Single(e => e.Kind == DecisionKind.Failover);
        Assert.Equal((new NodeId(primary), new NodeId(standby)), (failover.From, failover.To));
        Assert.Equal($"the process of {primary} is gone", failover.Reason);
        Assert.Contains(failover.Evidence, e => e.Contains("a new one is refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restarted_former_primary_joins_as_standby_and_is_in_sync()
    {
        await using var formation = await Formation.Found();
        var former = formation.Primary;
        await formation.Put("monitor1", "before", "1");

        await formation.Kill(former);
        await formation.Put("monitor1", "meanwhile", "2");
        await formation.Start(former);
        await formation.UntilAllInSync();

        Assert.Equal(former, formation.Standby);
        await formation.Put(former, "after", "3");
        await formation.UntilHeldBy([new("before", "1"), new("meanwhile", "2"), new("after", "3")], "app1", "app2");
    }

    [Fact]
    public async Task A_primary_that_is_restarted_faster_than_it_is_missed_is_told_from_its_former_self()
    {
        await using var formation = await Formation.Found();
        var former = formation.Primary;
        await formation.Put("monitor1", "before", "1");

        await formation.Kill(former);
        await formation.Start(former);
        await formation.UntilLedAfter(new Epoch(1));
        await formation.UntilAllInSync();

        await formation.Put("monitor1", "after", "2");
        await formation.UntilHeldBy([new("before", "1"), new("after", "2")], "app1", "app2");
    }

    [Fact]
    public async Task Killing_the_monitor_disturbs_no_write()
    {
        await using var formation = await Formation.Found();
        var writers = new[] { Writer.Start(formation, "app1"), Writer.Start(formation, "app2") };
        await Task.WhenAll(writers.Select(w => w.Writes(20)));

        await formation.Kill("monitor1");
        await Task.WhenAll(writers.Select(w => w.Writes(100)));

        await Task.WhenAll(writers.Select(w => w.Stop()));
        Assert.Equal(new Epoch(1), formation.View.Epoch);
        Assert.Equal(2, formation.View.InSync.Length);
        await formation.UntilHeldBy(writers.SelectMany(w => w.Acknowledged), "app1", "app2");
    }

    [Fact]
    public async Task Of_three_monitors_another_one_takes_over_and_decides_the_next_failover()
    {
        // Without a Monitor nobody may decide for longer than this spec waits.
        await using var formation = await Formation.Found(
            new FormationPlan(Monitors: 3).With("failover.monitor.absence-timeout = 10 m")
        );
        var (monitor, primary) = (await formation.UntilMonitored(), formation.Primary);

        await formation.Kill(monitor);
        await formation.Kill(primary);
        await formation.UntilLedAfter(new Epoch(1));

        var failover = formation.State.History.Single(e => e.Kind == DecisionKind.Failover);
        Assert.StartsWith("monitor", failover.By.Value, StringComparison.Ordinal);
        Assert.NotEqual(monitor, failover.By.Value);
        await formation.Put(formation.Running.First(), "after", "1");
    }

    [Fact]
    public async Task When_the_node_of_the_Monitor_is_stopped_another_one_takes_it_over()
    {
        await using var formation = await Formation.Found(new FormationPlan(Monitors: 2));
        var monitor = await formation.UntilMonitored();

        await formation.Stop(monitor);
        var next = await formation.UntilMonitored();

        Assert.NotEqual(monitor, next);
        Assert.StartsWith("monitor", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killing_a_standby_lets_writes_go_on_and_it_joins_again()
    {
        await using var formation = await Formation.Found();
        var standby = formation.Standby;
        var writers = new[] { Writer.Start(formation, "monitor1"), Writer.Start(formation, formation.Primary) };
        await Task.WhenAll(writers.Select(w => w.Writes(20)));

        await formation.Kill(standby);
        await Task.WhenAll(writers.Select(w => w.Writes(20)));
        await formation.Start(standby);
        await formation.UntilAllInSync();
        await Task.WhenAll(writers.Select(w => w.Writes(20)));

        await Task.WhenAll(writers.Select(w => w.Stop()));
        Assert.Equal(new Epoch(1), formation.View.Epoch);
        await formation.UntilHeldBy(writers.SelectMany(w => w.Acknowledged), "app1", "app2");
    }

    [Fact]
    public async Task A_write_sent_twice_under_one_session_is_carried_out_once_across_a_failover()
    {
        await using var formation = await Formation.Found();
        var first = await formation.Put("monitor1", "k", "1", new("client", 1));

        await formation.Kill(formation.Primary);
        var second = await formation.Put(formation.Running.Last(), "k", "1", new("client", 1));
        var next = await formation.Put("monitor1", "k", "2", new("client", 2));

        Assert.Equal(new Epoch(2), second.Epoch);
        Assert.Equal(first.Result, second.Result);
        Assert.NotEqual(first.Result, next.Result);
        Assert.Equal("2", await formation.Get("monitor1", "k"));
    }

    [Fact]
    public async Task A_stand_in_takes_over_when_the_monitor_and_the_primary_are_lost_together()
    {
        await using var formation = await Formation.Found(
            new FormationPlan(Apps: 4).With("failover.monitor.absence-timeout = 300 ms")
        );
        var primary = formation.Primary;
        await formation.Put("monitor1", "k", "1");

        await formation.Kill("monitor1");
        await formation.Kill(primary);
        await formation.UntilLedAfter(new Epoch(1));

        var failover = formation.State.History.Single(e => e.Kind == DecisionKind.Failover);
        Assert.Equal(failover.To, failover.By);
        Assert.Contains("no Monitor was heard of for 0.3 s", failover.Evidence);
        Assert.Equal("1", await formation.Get(formation.Running.First(), "k"));
    }

    [Fact]
    public async Task Primaries_of_several_partitions_are_spread_and_fail_over_alone()
    {
        await using var formation = await Formation.Found(new FormationPlan().With("failover.partitions = 4"));
        var partitions = Enumerable.Range(0, 4).Select(i => new PartitionId(i)).ToArray();
        var led = partitions.ToLookup(p => formation.ViewOf(p).Primary.Node.Value);
        Assert.Equal([("app1", 2), ("app2", 2)], led.Select(l => (l.Key, l.Count())).Order());
        var writer = Writer.Start(formation, "monitor1");
        await writer.Writes(50);

        await formation.Kill("app1");
        await writer.Writes(50);

        await formation.UntilHeldBy(await writer.Stop(), "app2");
        Assert.All(partitions, p => Assert.Equal("app2", formation.ViewOf(p).Primary.Node.Value));
        Assert.All(led["app2"], p => Assert.Equal(new Epoch(1), formation.ViewOf(p).Epoch));
        Assert.All(led["app1"], p => Assert.Equal(new Epoch(2), formation.ViewOf(p).Epoch));
    }
}

using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Node.Routing;

namespace Failover.MultiNode;

/// <summary>What operators ask for.</summary>
public sealed class OperatorSpecs
{
    private static readonly Operation Force = new Operation.ForceFailover(null, AcceptDataLoss: false);
    private static readonly Operation ForceWithLoss = new Operation.ForceFailover(null, AcceptDataLoss: true);

    [Fact]
    public async Task A_switchover_under_writers_fails_no_request()
    {
        await using var formation = await Formation.Found();
        var writers = formation.Running.Select(n => Writer.Start(formation, n)).ToArray();

        for (var epoch = 2; epoch <= 4; epoch++)
        {
            await Task.WhenAll(writers.Select(w => w.Writes(20)));
            var target = formation.Standby;
            var answer = await formation.Operate("monitor1", new Operation.Switchover(null, new NodeId(target)));

            Assert.Equal((null, new NodeId(target)), (answer.Refusal, answer.Value?.Primary));
            await formation.UntilLedAfter(new Epoch(epoch - 1));
            await formation.UntilAllInSync();
        }

        await Task.WhenAll(writers.Select(w => w.Writes(20)));
        await Task.WhenAll(writers.Select(w => w.Stop()));
        Assert.Equal(new Epoch(4), formation.View.Epoch);
        Assert.Equal(3, formation.State.History.Count(e => e.Kind == DecisionKind.Switchover));
        await formation.UntilHeldBy(writers.SelectMany(w => w.Acknowledged), "app1", "app2");
        await formation.Until(
            "it is known how long each took",
            () =>
                formation.State.History.Count(e => e is { Kind: DecisionKind.Switchover, Phases.Drained: not null })
                == 3
        );
    }

    [Fact]
    public async Task A_switchover_to_an_unknown_node_or_to_one_without_data_is_refused()
    {
        await using var formation = await Formation.Found();

        var unknown = await formation.Operate("app1", new Operation.Switchover(null, new NodeId("app9")));
        var dataless = await formation.Operate("app1", new Operation.Switchover(null, new NodeId("monitor1")));

        Assert.Equal(RefusalReason.UnknownNode, unknown.Refusal?.Reason);
        Assert.Equal(RefusalReason.Conflict, dataless.Refusal?.Reason);
        Assert.Equal(new Epoch(1), formation.View.Epoch);
    }

    [Fact]
    public async Task A_rebalance_spreads_the_primaries_again_after_a_failover_and_is_then_refused()
    {
        await using var formation = await Formation.Found(new FormationPlan().With("failover.partitions = 4"));
        await formation.UntilMonitored();
        await formation.Kill("app1");
        await formation.Until("app2 leads all", () => Leads(formation, "app2") == 4);
        await formation.Start("app1");
        await formation.UntilAllInSync();

        var done = await formation.Operate("monitor1", new Operation.Rebalance());
        await formation.Until("both lead two", () => (Leads(formation, "app1"), Leads(formation, "app2")) == (2, 2));
        // What the node goes by may be a moment behind what is seen of it here.
        await formation.Until(
            "another one is refused",
            async () =>
                (await formation.Operate("monitor1", new Operation.Rebalance())).Refusal?.Detail
                == "the primaries are spread as evenly as the in-sync sets allow: app1 leads 2, app2 leads 2"
        );

        Assert.Null(done.Refusal);
        Assert.Equal(2, formation.State.History.Count(e => e.Kind == DecisionKind.Switchover));
    }

    [Fact]
    public async Task Pause_stops_automatic_failover_until_it_is_resumed()
    {
        await using var formation = await Formation.Found();
        await formation.UntilMonitored();
        var primary = formation.Primary;

        Assert.Null((await formation.Operate("app1", new Operation.SetPaused(true))).Refusal);
        await formation.Kill(primary);
        await formation.Until(
            "the Monitor knows that the primary is gone",
            () => formation.Journal.Count($"monitor1: heartbeat: {primary} is gone") == 1
        );
        Assert.Null((await formation.Operate("monitor1", new Operation.SetPaused(false))).Refusal);
        await formation.Put("monitor1", "after", "1");

        Assert.Equal(
            [DecisionKind.Created, DecisionKind.Paused, DecisionKind.Resumed, DecisionKind.Failover],
            formation.State.History.Select(e => e.Kind)
        );
    }

    [Fact]
    public async Task Pause_stops_neither_a_switchover_nor_a_forced_failover()
    {
        await using var formation = await Formation.Found();
        await formation.Operate("app1", new Operation.SetPaused(true));

        var switched = await formation.Operate("monitor1", new Operation.Switchover(null, null));
        Assert.Null(switched.Refusal);
        await formation.UntilAllInSync();
        var (primary, standby) = (formation.Primary, formation.Standby);
        await formation.Kill(primary);
        await formation.Until(
            $"{standby} knows that the primary is gone",
            () => formation.Journal.Count($"{standby}: heartbeat: {primary} is gone") == 1
        );
        var forced = await formation.Operate(standby, Force);

        Assert.Equal((null, new NodeId(standby)), (forced.Refusal, forced.Value?.Primary));
        await formation.Put("monitor1", "after", "1");
        await formation.Until(
            "it is known how long that took",
            () =>
                formation.State.History.Last(e => e.To == new NodeId(standby))
                    is { Kind: DecisionKind.ForcedInSync, Phases: not null }
        );
        Assert.True(formation.State.Paused);
    }

    [Fact]
    public async Task A_forced_failover_of_a_healthy_primary_is_a_switchover()
    {
        await using var formation = await Formation.Found();
        var standby = formation.Standby;

        var forced = await formation.Operate("monitor1", Force);

        Assert.Equal((null, new NodeId(standby)), (forced.Refusal, forced.Value?.Primary));
        await formation.UntilLedAfter(new Epoch(1));
        Assert.Equal(DecisionKind.Switchover, formation.State.History[^1].Kind);
    }

    [Fact]
    public async Task Only_an_operator_who_accepts_data_loss_can_make_a_replica_primary_that_is_behind()
    {
        await using var formation = await Formation.Found();
        var (primary, behind) = (formation.Primary, formation.Standby);
        await formation.Put("monitor1", "both", "1");
        await formation.Kill(behind);
        await formation.Put("monitor1", "primary-only", "2");
        await formation.Kill(primary);
        await formation.Start(behind);
        await formation.Until(
            $"monitor1 hears {behind} and not {primary}",
            () =>
                formation.Journal.Observed(new("monitor1"), new(behind))
                    is { Assessment.IsDown: false, Report: { } report }
                && report.Of(Formation.P0) is { Role: ReplicaRole.Joining }
                && formation.Journal.Observed(new("monitor1"), new(primary)) is { Assessment.IsDown: true }
        );

        var refused = await formation.Operate("monitor1", Force);
        var forced = await formation.Operate("monitor1", ForceWithLoss);

        Assert.Equal(RefusalReason.Conflict, refused.Refusal?.Reason);
        Assert.Contains("accepting data loss would allow", refused.Refusal?.Detail, StringComparison.Ordinal);
        Assert.Equal((null, new NodeId(behind)), (forced.Refusal, forced.Value?.Primary));
        await formation.Put("monitor1", "after", "3");
        Assert.Equal(DecisionKind.Forced, formation.State.History.Last(e => e.To == new NodeId(behind)).Kind);

        // What only the former primary had is what the operator gave up: it joins and has it no more.
        await formation.Start(primary);
        await formation.UntilAllInSync();
        await formation.UntilHeldBy([new("both", "1"), new("after", "3")], "app1", "app2");
    }

    [Fact]
    public async Task A_node_in_maintenance_is_not_promoted_until_it_is_back()
    {
        await using var formation = await Formation.Found();
        await formation.UntilMonitored();
        var (primary, standby) = (formation.Primary, formation.Standby);

        await formation.Operate("app1", new Operation.SetMaintenance(new NodeId(standby), true));
        await formation.Kill(primary);
        await formation.Until(
            "the Monitor says that nobody can take over",
            () => formation.Journal.Count("no other in-sync replica can take over") > 0
        );
        await formation.Operate("monitor1", new Operation.SetMaintenance(new NodeId(standby), false));
        await formation.Put("monitor1", "after", "1");

        Assert.Equal(standby, formation.Primary);
    }

    private static int Leads(Formation formation, string node) =>
        formation.State.Views.Values.Count(v => v.Primary.Node.Value == node);
}

using Failover.Core;
using Failover.Core.Views;

namespace Failover.MultiNode;

public sealed class FoundingSpecs
{
    [Fact]
    public async Task A_formation_founds_itself()
    {
        await using var formation = await Formation.Found(atOnce: true);

        Assert.Equal(DecisionKind.Created, formation.State.History[0].Kind);
        Assert.Equal(new Epoch(1), formation.View.Epoch);
        Assert.Equal("monitor1", await formation.UntilMonitored());
        Assert.Single(formation.Names.Select(n => formation.Journal.StateAt(new(n))!.Formation).Distinct());
    }

    [Fact]
    public async Task A_write_on_any_node_is_on_both_replicas()
    {
        await using var formation = await Formation.Found();

        foreach (var node in formation.Names)
            await formation.Put(node, $"from-{node}", "1");

        KeyValuePair<string, string>[] written =
        [
            .. formation.Names.Select(n => new KeyValuePair<string, string>($"from-{n}", "1")),
        ];
        Assert.Equal(written.OrderBy(e => e.Key), await formation.Map("primary"));
        await formation.UntilHeldBy(written, "app1", "app2");
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using Failover.Formation;

namespace Failover.EndToEnd;

public sealed class PartitionTests
{
    private const string Entry = "monitor1";
    private const string Victim = "app2";
    private const int Count = 8;
    private const int Keys = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly int[] Spread = [2, 3, 3];

    [Fact]
    public async Task A_death_moves_the_dead_nodes_partitions_alone_and_a_rebalance_spreads_them_again()
    {
        await using var formation = await LocalFormation.Start("--nodes", "3", "--partitions", $"{Count}");
        var before = await Balanced(formation);
        for (var key = 0; key < Keys; key++)
        {
            using var stored = await formation.Http.PutAsJsonAsync(Url(formation, Entry, key), new { value = key });
            stored.EnsureSuccessStatusCode();
        }

        formation.Kill(Victim);
        var after = await formation.Until(
            Entry,
            c => Enumerable.Range(0, Count).All(p => c.Primary(p) != Victim && c.Serves(p)),
            "the survivors lead everything",
            Patience
        );

        Assert.All(
            Enumerable.Range(0, Count),
            p =>
            {
                if (before.Primary(p) == Victim)
                    Assert.Equal(before.Epoch(p) + 1, after.Epoch(p));
                else
                    Assert.Equal((before.Primary(p), before.Epoch(p)), (after.Primary(p), after.Epoch(p)));
            }
        );
        foreach (var node in formation.Nodes.Where(n => n.Name != Victim))
            await HasEveryKey(formation, node.Name);

        await formation.StartNode(Victim);
        await Balanced(formation);
        await HasEveryKey(formation, Victim);
    }

    /// <summary>Everybody in sync everywhere, and the primaries spread as evenly as eight can be over three.</summary>
    private static async Task<JsonElement> Balanced(LocalFormation formation)
    {
        var settled = await Settled(formation, _ => true);
        // A node that was too late for the founding, or has just come back, leads nothing yet.
        if (!Counts(settled).SequenceEqual(Spread))
            (await formation.Run("rebalance")).Succeeded();
        return await Settled(formation, c => Counts(c).SequenceEqual(Spread));
    }

    private static Task<JsonElement> Settled(LocalFormation formation, Func<JsonElement, bool> also) =>
        formation.Until(
            Entry,
            c => Enumerable.Range(0, Count).All(p => c.InSync(p).Length == 3 && c.Serves(p)) && also(c),
            "all in sync and evenly spread",
            Patience
        );

    private static int[] Counts(JsonElement cluster) =>
        [.. Enumerable.Range(0, Count).GroupBy(p => cluster.Primary(p)).Select(g => g.Count()).Order()];

    private static async Task HasEveryKey(LocalFormation formation, string node)
    {
        for (var key = 0; key < Keys; key++)
        {
            var found = await formation.Http.GetFromJsonAsync<JsonElement>(Url(formation, node, key));
            Assert.Equal(key, found.GetProperty("value").GetInt32());
        }
    }

    private static string Url(LocalFormation formation, string node, int key) =>
        $"{formation.Node(node).Http}/kv-store/v1/kv/key-{key}";
}

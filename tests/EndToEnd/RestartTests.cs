using Failover.Formation;

namespace Failover.EndToEnd;

public sealed class RestartTests
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_second_up_keeps_the_formations_identity_and_its_data()
    {
        await using var formation = await LocalFormation.Start();
        var before = await formation.Until(Entry, c => c.Primary() is not null, "a primary", Patience);
        (await formation.Run("put", "kept", "\"yes\"")).Succeeded();
        (await formation.Run("down")).Succeeded();

        await formation.Up();

        var after = await formation.Until(Entry, c => c.Primary() is not null, "a primary", Patience);
        Assert.Equal(before.GetProperty("formation").GetString(), after.GetProperty("formation").GetString());
        Assert.Contains("yes", (await formation.Run("get", "kept")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killing_all_processes_at_once_loses_nothing()
    {
        await using var formation = await LocalFormation.Start();
        await using (var writer = new SteadyWriter(formation.Node(Entry).Http))
        {
            await writer.More(100, Patience);
            foreach (var node in formation.Nodes)
                formation.Kill(node.Name);
            await writer.Stop();
            await formation.Up();
            await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
            Assert.Empty(writer.MissingFrom(await formation.StateOf("app1")));
            Assert.Empty(writer.MissingFrom(await formation.StateOf("app2")));
        }
    }

    [Fact]
    public async Task A_primary_that_leaves_the_cluster_hands_over_without_a_failed_write_ends_and_can_be_started_again()
    {
        await using var formation = await LocalFormation.Start();
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var primary = before.Primary()!;
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        await writer.More(20, Patience);
        using var process = System.Diagnostics.Process.GetProcessById(formation.Node(primary).Pid!.Value);

        (await formation.Run("cluster", "leave", primary)).Succeeded();
        await process.WaitForExitAsync().WaitAsync(Patience);
        await writer.FirstAfter(before.Epoch(), Patience);
        await formation.StartNode(primary);
        await formation.Until(Entry, c => c.InSync().Length == 2, $"{primary} in sync again", Patience);
        await writer.Stop();

        Assert.Equal(0, writer.Failures);
        Assert.Contains("has left the cluster, as it was told", formation.LogOf(primary), StringComparison.Ordinal);
        Assert.Contains("switchover", (await formation.Run("history")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Empty(writer.MissingFrom(await formation.StateOf(primary)));
    }

    [Fact]
    public async Task Stopping_the_primary_gracefully_hands_over_without_a_failed_write()
    {
        await using var formation = await LocalFormation.Start();
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        await writer.More(20, Patience);

        (await formation.Run("stop", before.Primary()!)).Succeeded();
        await writer.FirstAfter(before.Epoch(), Patience);
        await writer.Stop();

        Assert.Equal(0, writer.Failures);
        Assert.Contains("switchover", (await formation.Run("history")).Succeeded().Output, StringComparison.Ordinal);
    }
}

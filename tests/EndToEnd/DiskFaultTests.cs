using System.Net;
using Failover.Formation;

namespace Failover.EndToEnd;

/// <summary>The kernel refuses what a running node asks of its disk.</summary>
public sealed class DiskFaultTests
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [StraceTheory]
    [InlineData("fdatasync", "EIO", "fdatasync of ")]
    [InlineData("pwrite64", "ENOSPC", "No space left on device")]
    public async Task A_primary_whose_disk_fails_gives_up_its_role_with_the_reason_stays_up_and_loses_nothing(
        string call,
        string error,
        string reason
    )
    {
        await using var formation = await LocalFormation.Start();
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var failing = formation.Node(before.Primary()!);
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        await writer.More(20, Patience);

        await using (await FailingCall.Begin(failing.Pid!.Value, call, $"error={error}"))
        {
            await writer.FirstAfter(before.Epoch(), Patience);
            await formation.Until(
                Entry,
                c => c.Primary() != failing.Name && c.Reported(failing.Name) == "failed",
                "the other one leads, and this one says that it failed",
                Patience
            );
            await writer.More(20, Patience);
            await GivesTheReason(formation, failing, reason);
        }

        // Its disk is well again, and still it takes no part: what it wrote may not be there.
        await writer.More(20, Patience);
        Assert.Equal("failed", (await formation.ClusterFrom(failing.Name))!.Value.Reported(failing.Name));

        formation.Kill(failing.Name);
        await formation.StartNode(failing.Name);
        await formation.Until(Entry, c => c.InSync().Length == 2, "in sync again", Patience);
        await writer.Stop();
        Assert.Equal(0, writer.Failures);
        Assert.Empty(writer.MissingFrom(await formation.StateOf("app1")));
        Assert.Empty(writer.MissingFrom(await formation.StateOf("app2")));
    }

    [StraceTheory]
    [InlineData("fdatasync")]
    public async Task A_primary_whose_disk_hangs_is_replaced_and_joins_again_when_the_disk_goes_on(string call)
    {
        await using var formation = await LocalFormation.Start();
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var hanging = formation.Node(before.Primary()!);
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        await writer.More(20, Patience);

        await using (await FailingCall.Begin(hanging.Pid!.Value, call, "delay_enter=60s"))
        {
            await writer.FirstAfter(before.Epoch(), Patience);
            await writer.More(20, Patience);
            var history = (await formation.Run("history")).Succeeded().Output;
            Assert.Contains("its disk does not answer", history, StringComparison.Ordinal);
        }

        await formation.Until(Entry, c => c.InSync().Length == 2, "in sync again", Patience);
        await writer.Stop();
        Assert.Equal(0, writer.Failures);
        Assert.Empty(writer.MissingFrom(await formation.StateOf("app1")));
        Assert.Empty(writer.MissingFrom(await formation.StateOf("app2")));
    }

    private static async Task GivesTheReason(LocalFormation formation, RunningNode failing, string reason)
    {
        using var health = await formation.Http.GetAsync($"{failing.Http}/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains(reason, await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var history = (await formation.Run("history")).Succeeded().Output;
        Assert.Contains($"{failing.Name} gave up its role", history, StringComparison.Ordinal);
        Assert.Single(formation.LogOf(failing.Name).Split("gives up its role").Skip(1));
    }
}

using Failover.Formation;

namespace Failover.EndToEnd;

public sealed class FailoverTests
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Ten_kills_and_restarts_leave_identical_replicas_and_a_history_that_explains_each()
    {
        await using var formation = await LocalFormation.Start();
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        var founded = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);

        for (var round = 0; round < 10; round++)
        {
            var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
            var primary = before.Primary()!;
            (await formation.Run("kill-primary")).Succeeded();
            await writer.FirstAfter(before.Epoch(), Patience);
            await formation.StartNode(primary);
            await formation.Until(
                Entry,
                c => c.InSync().Length == 2 && c.Reported(primary) == "standby",
                $"{primary} in sync again",
                Patience
            );
        }

        await writer.Stop();
        var after = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        Assert.Equal(founded.Epoch() + 10, after.Epoch());
        Assert.Equal(0, writer.Failures);
        var app1 = await formation.StateOf("app1");
        Assert.Equal(app1, await formation.StateOf("app2"));
        Assert.Empty(writer.MissingFrom(app1));

        var history = (await formation.Run("history", "--json")).Succeeded().Output;
        using var document = System.Text.Json.JsonDocument.Parse(history);
        var failovers = document
            .RootElement.GetProperty("events")
            .EnumerateArray()
            .Where(e => e.GetProperty("kind").GetString() == "failover")
            .ToArray();
        Assert.Equal(10, failovers.Length);
        Assert.All(
            failovers,
            e =>
            {
                Assert.Contains("is gone", e.GetProperty("reason").GetString(), StringComparison.Ordinal);
                Assert.NotEqual(0, e.GetProperty("evidence").GetArrayLength());
            }
        );
    }

    [Fact]
    public async Task A_frozen_primary_is_replaced_acknowledges_nothing_when_it_wakes_and_rejoins()
    {
        await using var formation = await LocalFormation.Start();
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var frozen = before.Primary()!;
        await writer.More(20, Patience);

        formation.Freeze(frozen);
        var first = await writer.FirstAfter(before.Epoch(), Patience);
        formation.Thaw(frozen);
        await formation.Until(Entry, c => c.InSync().Contains(frozen), $"{frozen} in sync again", Patience);
        await writer.More(20, Patience);
        await writer.Stop();

        // No answer of the old epoch may follow the first one of the new.
        Assert.DoesNotContain(writer.All, w => w.Epoch == before.Epoch() && w.At > first.At);
        Assert.Equal(await formation.StateOf("app1"), await formation.StateOf("app2"));
        Assert.Empty(writer.MissingFrom(await formation.StateOf(frozen)));
    }

    [Fact]
    public async Task Writes_go_on_without_the_monitor_and_without_the_standby_which_rejoins()
    {
        await using var formation = await LocalFormation.Start();
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var primary = before.Primary()!;
        var standby = primary == "app1" ? "app2" : "app1";
        await using var writer = new SteadyWriter(formation.Node(primary).Http);

        formation.Kill(Entry);
        await writer.More(50, Patience);
        await formation.StartNode(Entry);
        await formation.Until(
            primary,
            c => c.GetProperty("monitor").GetString() == Entry,
            "the Monitor runs again",
            Patience
        );

        formation.Kill(standby);
        await writer.More(50, Patience);
        await formation.StartNode(standby);
        var after = await formation.Until(
            primary,
            c => c.InSync().Contains(standby) && c.Reported(standby) == "standby",
            $"{standby} in sync again",
            Patience
        );
        await writer.Stop();

        Assert.Equal(before.Epoch(), after.Epoch());
        Assert.Equal(0, writer.Failures);
        Assert.Empty(writer.MissingFrom(await formation.StateOf(standby)));
    }

    [Fact]
    public async Task A_standby_takes_over_by_itself_when_the_only_monitor_and_the_primary_die_together()
    {
        // Five voters, so that the three that are left are a majority.
        await using var formation = await LocalFormation.Start("--nodes", "4");
        var before = await formation.Until("app4", c => c.InSync().Length == 4, "all in sync", Patience);
        var primary = before.Primary()!;
        var survivor = primary == "app4" ? "app3" : "app4";
        await using var writer = new SteadyWriter(formation.Node(survivor).Http);
        await writer.More(20, Patience);

        formation.Kill(Entry);
        formation.Kill(primary);
        await writer.FirstAfter(before.Epoch(), Patience);
        await writer.More(20, Patience);
        await writer.Stop();

        Assert.Equal(0, writer.Failures);
        Assert.Empty(writer.MissingFrom(await formation.StateOf(survivor)));
        var history = await formation.Http.GetStringAsync($"{formation.Node(survivor).Http}/history");
        Assert.Contains("no Monitor was heard of for 2 s", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_three_monitors_the_deaths_of_the_acting_one_and_of_the_primary_are_survived()
    {
        await using var formation = await LocalFormation.Start("--monitors", "3");
        var before = await formation.Until(
            "monitor3",
            c => c.InSync().Length == 2 && c.GetProperty("monitor").GetString() is not null,
            "both in sync",
            Patience
        );
        var primary = before.Primary()!;
        var standby = primary == "app1" ? "app2" : "app1";
        await using var writer = new SteadyWriter(formation.Node(standby).Http);
        await writer.More(20, Patience);

        formation.Kill(before.GetProperty("monitor").GetString()!);
        formation.Kill(primary);
        await writer.FirstAfter(before.Epoch(), Patience);
        await writer.Stop();

        Assert.Equal(0, writer.Failures);
        Assert.Empty(writer.MissingFrom(await formation.StateOf(standby)));
    }
}

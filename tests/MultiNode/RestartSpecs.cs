using System.Net.Http.Json;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.MultiNode;

public sealed class RestartSpecs
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_whole_formation_that_is_started_again_has_kept_everything(bool gracefully)
    {
        await using var formation = await Formation.Found();
        var writer = Writer.Start(formation, "monitor1");
        await writer.Writes(50);
        var written = await writer.Stop();
        var (id, epoch) = (formation.State.Formation, formation.View.Epoch);

        // The last one to stop has nobody to hand over to, and must not wait for somebody.
        foreach (var node in formation.Running.ToArray())
        {
            await (gracefully ? formation.Stop(node) : formation.Kill(node));
            await formation.Until(
                $"the others know that {node} is gone",
                () => formation.Running.All(n => formation.Journal.Count($"{n}: heartbeat: {node} is gone") > 0)
            );
        }

        await formation.StartAll();
        await formation.UntilLedAfter(epoch);
        await formation.UntilAllInSync();

        Assert.Equal(id, formation.State.Formation);
        await formation.Put("monitor1", "after", "1");
        await formation.UntilHeldBy(written.Append(new("after", "1")), "app1", "app2");
    }

    [Fact]
    public async Task A_node_that_stops_gracefully_hands_over_first()
    {
        await using var formation = await Formation.Found();
        var (primary, standby) = (formation.Primary, formation.Standby);
        var writer = Writer.Start(formation, "monitor1");
        await writer.Writes(20);

        await formation.Stop(primary);
        await writer.Writes(20);

        await writer.Stop();
        Assert.Equal(standby, formation.Primary);
        Assert.Contains(formation.State.History, e => e.Reason == $"{primary} is stopping");
        Assert.Equal(new Epoch(2), formation.View.Epoch);
    }

    [Fact]
    public async Task A_node_that_keeps_its_data_in_memory_joins_anew_after_a_restart()
    {
        await using var formation = await Formation.Found(
            new FormationPlan().With("failover.replication.durability = memory")
        );
        var former = formation.View.Primary;
        await formation.Put("monitor1", "before", "1");

        await formation.Kill(former.Node.Value);
        await formation.Put("monitor1", "meanwhile", "2");
        await formation.Start(former.Node.Value);
        await formation.UntilAllInSync();

        Assert.DoesNotContain(former, formation.View.InSync);
        await formation.UntilHeldBy([new("before", "1"), new("meanwhile", "2")], "app1", "app2");
    }

    [Fact]
    public async Task A_standby_that_missed_more_than_the_log_keeps_gets_a_snapshot()
    {
        await using var formation = await Formation.Found(
            new FormationPlan().With("failover.replication.snapshot-after = 64 KiB")
        );
        var standby = formation.Standby;
        await formation.Kill(standby);
        var writer = Writer.Start(formation, formation.Primary);
        await writer.Writes(200);
        var written = (await writer.Stop()).ToDictionary();
        foreach (var i in Enumerable.Range(0, 20))
            await formation.Put("monitor1", $"large-{i}", written[$"large-{i}"] = $"\"{new string('x', 8_000)}\"");

        // The primary's log is gone as far as its snapshot reaches, in memory too once it was restarted.
        var primary = formation.Primary;
        await formation.Kill(primary);
        await formation.Start(primary);
        await formation.UntilLedAfter(new Epoch(1));
        await formation.Start(standby);
        await formation.UntilAllInSync();

        await formation.UntilHeldBy(written, "app1", "app2");
    }

    [Fact]
    public async Task A_voter_whose_disk_was_lost_votes_again_once_the_others_have_told_it_what_it_forgot()
    {
        await using var formation = await Formation.Found();
        var (primary, standby) = (formation.Primary, formation.Standby);
        await formation.Put("monitor1", "before", "1");
        await formation.Kill(standby);
        formation.LoseDisk(standby);
        await formation.Start(standby);
        await formation.UntilAllInSync();
        await formation.Until(
            "it votes again",
            () => formation.Journal.Count($"membership: {standby} votes again") == 1
        );

        // Now every majority needs it.
        await formation.Kill("monitor1");
        await formation.Put(primary, "after", "2");
        await formation.Operate(primary, new Operation.SetPaused(true));

        await formation.UntilHeldBy([new("before", "1"), new("after", "2")], "app1", "app2");
        Assert.True(formation.State.Paused);
    }

    [Fact]
    public async Task A_request_over_http_waits_for_the_new_primary()
    {
        await using var formation = await Formation.Found(new FormationPlan().With("failover.http.enabled = on"));
        using var http = new HttpClient { BaseAddress = formation["monitor1"].Url };
        using var before = await http.PutAsJsonAsync("kv-store/v1/kv/k", new { value = 1 });
        before.EnsureSuccessStatusCode();

        var killed = formation.Kill(formation.Primary);
        using var after = await http.PutAsJsonAsync("kv-store/v1/kv/k", new { value = 2 });

        after.EnsureSuccessStatusCode();
        await killed;
        Assert.Equal("2", await formation.Get("monitor1", "k"));
    }
}

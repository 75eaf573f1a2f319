using System.Net;
using System.Text.Json;
using Failover.Formation;

namespace Failover.EndToEnd;

/// <summary>The application's own health check decides with the others where the primary is.</summary>
public sealed class HealthTests
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_primary_whose_check_fails_hands_over_without_a_failed_request_and_does_not_come_back_by_itself()
    {
        var illness = Directory.CreateTempSubdirectory("failover-").FullName;
        await using var formation = await LocalFormation.Start(
            "--set",
            $"failover.health.command=[sh, -c, \"! cat {illness}/$FAILOVER_NODE 2>/dev/null\"]",
            "--set",
            "failover.health.interval=100ms",
            "--set",
            "failover.monitor.back-off.health=1ms",
            "--set",
            "failover.monitor.back-off.min=1ms"
        );
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var (first, second) = before.Primary() == "app1" ? ("app1", "app2") : ("app2", "app1");
        await writer.More(20, Patience);

        await File.WriteAllTextAsync(Path.Combine(illness, first), "disk on fire\n");
        await writer.FirstAfter(before.Epoch(), Patience);
        var moved = await formation.Until(Entry, c => c.Primary() == second && Serves(c), $"{second} serves", Patience);
        var (status, body) = await Health(formation, first);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("failed 3 times: exit 1: 'disk on fire'", body, StringComparison.Ordinal);
        Assert.Contains(
            $"{first}: the application's health check failed",
            (await formation.Run("status")).Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "failover_application_healthy 0",
            await formation.Http.GetStringAsync($"{formation.Node(first).Http}/metrics"),
            StringComparison.Ordinal
        );

        File.Delete(Path.Combine(illness, first));
        await formation.Until(
            first,
            c => c.GetProperty("problems").GetArrayLength() == 0 && c.InSync().Length == 2,
            $"{first} is well again",
            Patience
        );
        Assert.Equal(HttpStatusCode.OK, (await Health(formation, first)).Status);

        await File.WriteAllTextAsync(Path.Combine(illness, second), "out of memory\n");
        await writer.FirstAfter(moved.Epoch(), Patience);
        var back = await formation.Until(Entry, c => c.Primary() == first && Serves(c), $"{first} serves", Patience);
        await writer.More(20, Patience);
        await writer.Stop();

        Assert.Equal((before.Epoch() + 1, before.Epoch() + 2), (moved.Epoch(), back.Epoch()));
        Assert.Equal(0, writer.Failures);
        Assert.Empty(writer.MissingFrom(await formation.StateOf(first)));
        using var history = JsonDocument.Parse((await formation.Run("history", "--json")).Succeeded().Output);
        var failovers = history
            .RootElement.GetProperty("events")
            .EnumerateArray()
            .Where(e => e.GetProperty("kind").GetString() == "failover")
            .Select(e => (e.GetProperty("reason").GetString(), e.GetProperty("evidence")[0].GetString()));
        Assert.Equal(
            [
                ($"{first} is unhealthy", "the application's health check failed 3 times: exit 1: 'disk on fire'"),
                ($"{second} is unhealthy", "the application's health check failed 3 times: exit 1: 'out of memory'"),
            ],
            failovers
        );
        Directory.Delete(illness, recursive: true);
    }

    private static bool Serves(JsonElement cluster) =>
        cluster.GetProperty("partitions")[0].GetProperty("serving").GetBoolean();

    private static async Task<(HttpStatusCode Status, string Body)> Health(LocalFormation formation, string node)
    {
        using var answer = await formation.Http.GetAsync($"{formation.Node(node).Http}/health");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

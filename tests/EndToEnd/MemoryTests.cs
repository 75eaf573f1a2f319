using System.Net;
using System.Text;
using Failover.Formation;

namespace Failover.EndToEnd;

public sealed class MemoryTests
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task When_all_memory_is_lost_nothing_is_served_until_an_operator_accepts_it()
    {
        await using var formation = await LocalFormation.Start("--set", "failover.replication.durability=memory");
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        (await formation.Run("put", "before", "1")).Succeeded();
        foreach (var node in formation.Nodes)
            formation.Kill(node.Name);

        foreach (var node in formation.Nodes)
            await formation.StartNode(node.Name);

        var after = await formation.Until(
            Entry,
            c => c.Problems().Any(p => p.Contains("no copy of its data is left", StringComparison.Ordinal)),
            "the loss is told",
            Patience
        );
        Assert.Equal(before.GetProperty("formation").GetString(), after.GetProperty("formation").GetString());
        Assert.False(after.Serves());
        await Refused(formation, HttpMethod.Put);
        await Refused(formation, HttpMethod.Get);
        var careful = await formation.Run("failover");
        Assert.Equal(1, careful.ExitCode);

        (await formation.Run("failover", "--accept-data-loss")).Succeeded();

        (await formation.Run("put", "after", "1")).Succeeded();
        var map = (await formation.Run("get-state", "primary")).Succeeded().Output;
        Assert.Contains("after", map, StringComparison.Ordinal);
        Assert.DoesNotContain("before", map, StringComparison.Ordinal);
        Assert.Contains("forced", (await formation.Run("history")).Succeeded().Output, StringComparison.Ordinal);
    }

    /// <summary>With the reason and the way out, from a node that holds no data itself.</summary>
    private static async Task Refused(LocalFormation formation, HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, $"{formation.Node(Entry).Http}/kv-store/v1/kv/before");
        request.Headers.Add("Failover-Timeout-Ms", "500");
        if (method == HttpMethod.Put)
            request.Content = new StringContent("""{"value":2}""", Encoding.UTF8, "application/json");
        using var answer = await formation.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("--accept-data-loss", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}

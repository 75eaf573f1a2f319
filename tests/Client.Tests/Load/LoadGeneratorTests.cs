using Failover.Client.Api;
using Failover.Client.Load;

namespace Failover.Client.Tests.Load;

public sealed class LoadGeneratorTests
{
    [Fact]
    public async Task Every_client_is_a_session_whose_numbers_count_up()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("""{"key":"k","version":1,"epoch":1}"""));
        using var enough = new CancellationTokenSource();

        var result = await RunAsync(node, new() { Clients = 3, Size = 10 }, enough, after: 60);

        var sessions = node.Requests.GroupBy(request => request.Session).ToArray();
        Assert.Equal(3, sessions.Length);
        Assert.All(
            sessions,
            session =>
                Assert.Equal(
                    Enumerable.Range(1, session.Count()),
                    session.Select(request =>
                        int.Parse(request.Number!, System.Globalization.CultureInfo.InvariantCulture)
                    )
                )
        );
        Assert.Equal("""{"value":"xxxxxxxxxx"}""", node.Requests[0].Body);
        Assert.Equal((0, 0), (result.Reads, result.Errors));
        Assert.InRange(result.Writes, 57, node.Requests.Count);
        Assert.Equal(result.Writes, result.Latency.Count);
    }

    [Fact]
    public async Task What_the_formation_refuses_is_counted_by_its_kind()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Problem(413, "too large", "limit"));
        using var enough = new CancellationTokenSource();

        var result = await RunAsync(node, new() { Clients = 2 }, enough, after: 20);

        Assert.Equal(["HTTP 413"], result.ErrorKinds.Keys);
        Assert.Equal((0, result.ErrorKinds["HTTP 413"]), (result.Writes, result.Errors));
    }

    [Fact]
    public async Task Reads_find_what_was_written_before_and_nothing_is_left_behind()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var enough = new CancellationTokenSource();
        using var client = new FormationClient([node.Endpoint]);
        var generator = new LoadGenerator(client, new() { Mode = LoadMode.Read, Keys = 5 }, TimeProvider.System);

        // Five writes come first; the run ends in the middle of its reads.
        node.OnRequest = count =>
        {
            if (count == 20)
                enough.Cancel();
        };
        var result = await generator.RunAsync(_ => { }, enough.Token);
        await generator.CleanUpAsync(default);

        Assert.Equal(Targets("PUT"), Targets("DELETE"));
        Assert.Equal(5, Targets("PUT").Count);
        Assert.Equal((0, null), (result.Writes, result.LongestWriteGap));

        SortedSet<string> Targets(string method) =>
            [.. node.Requests.Where(request => request.Method == method).Select(request => request.Target)];
    }

    [Fact]
    public void The_longest_gap_includes_the_one_that_is_still_open()
    {
        var gap = new WriteGap(0, TimeProvider.System);
        var second = TimeProvider.System.TimestampFrequency;

        gap.Acknowledged(1 * second);
        gap.Acknowledged(4 * second);
        gap.Acknowledged(3 * second);
        Assert.Equal(TimeSpan.FromSeconds(3), gap.LongestUntil(6 * second));

        Assert.Equal(TimeSpan.FromSeconds(7), gap.LongestUntil(11 * second));
    }

    private static async Task<LoadResult> RunAsync(
        FakeNode node,
        LoadOptions options,
        CancellationTokenSource enough,
        int after
    )
    {
        using var client = new FormationClient([node.Endpoint]);
        var generator = new LoadGenerator(client, options, TimeProvider.System);
        node.OnRequest = count =>
        {
            if (count == after)
                enough.Cancel();
        };
        return await generator.RunAsync(_ => { }, enough.Token);
    }
}

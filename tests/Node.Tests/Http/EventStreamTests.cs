using Failover.Core;
using Failover.Node.Http;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

public sealed class EventStreamTests : FrontTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 20, 10, 0, 0, 5, TimeSpan.Zero);

    private protected override HttpOptions Options => new() { EventBacklog = 2, EventStreams = 2 };

    [Fact]
    public async Task Events_arrive_as_they_happen()
    {
        using var stream = await Follow();

        Service.Raise(Event("view", "epoch 4:\napp2 is \"primary\""));

        Assert.Equal(
            [
                "event: view",
                """data: {"at":"2026-11-20T10:00:00.005Z","kind":"view","node":"app1","message":"epoch 4:\napp2 is \"primary\""}""",
                "",
            ],
            await Lines(stream, 3)
        );

        Service.Raise(Event("role", "second"));

        Assert.Equal("event: role", (await Lines(stream, 3))[0]);
    }

    [Fact]
    public async Task A_slow_reader_loses_the_oldest_and_is_told_how_many()
    {
        Service.Backlog = [.. Enumerable.Range(1, 5).Select(n => Event("view", $"number {n}"))];

        using var stream = await Follow();

        var lines = await Lines(stream, 9);
        Assert.Equal(["event: dropped", """data: {"count":3}""", ""], lines[..3]);
        Assert.Contains("number 4", lines[4], StringComparison.Ordinal);
        Assert.Contains("number 5", lines[7], StringComparison.Ordinal);
        Assert.Contains("failover_event_stream_dropped_total 3", await Body("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_ends_in_good_order_when_the_node_stops()
    {
        using var stream = await Follow();

        await Front.StopAsync();

        Assert.Null(await stream.ReadLineAsync());
        Assert.Equal(0, Service.Observers);
    }

    [Fact]
    public async Task There_are_only_so_many_readers()
    {
        using var first = await Follow();
        using var second = await Follow();

        await IsProblem(await Get("/events"), 503, "too-many-readers");
    }

    [Fact]
    public async Task Every_reader_gets_every_event()
    {
        using var first = await Follow();
        using var second = await Follow();

        Service.Raise(Event("decision", "one"));

        Assert.Equal(await Lines(first, 3), await Lines(second, 3));
    }

    /// <summary>A reader that has had the stream's first lines, and so misses nothing from now on.</summary>
    private async Task<StreamReader> Follow()
    {
        var answer = await Client.GetAsync(
            new Uri("/events", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead
        );
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(["retry: 1000", ""], await Lines(reader, 2));
        return reader;
    }

    private static async Task<string[]> Lines(StreamReader stream, int count)
    {
        var lines = new string[count];
        for (var i = 0; i < count; i++)
            lines[i] = await stream.ReadLineAsync() ?? throw new EndOfStreamException();
        return lines;
    }

    private static NodeEvent Event(string kind, string message) => new(kind, At, new NodeId("app1"), message);
}

public sealed class EventHeartbeatTests : FrontTests
{
    private protected override HttpOptions Options => new() { EventHeartbeat = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public async Task A_comment_keeps_an_idle_stream_alive()
    {
        using var answer = await Client.GetAsync(
            new Uri("/events", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead
        );
        using var stream = new StreamReader(await answer.Content.ReadAsStreamAsync());
        await stream.ReadLineAsync();
        await stream.ReadLineAsync();

        Assert.Equal(": still here", await stream.ReadLineAsync());
        Assert.Equal("", await stream.ReadLineAsync());
        Assert.Equal(": still here", await stream.ReadLineAsync());
    }
}

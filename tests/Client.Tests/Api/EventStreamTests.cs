using Failover.Client.Api;
using Microsoft.AspNetCore.Http;

namespace Failover.Client.Tests.Api;

public sealed class EventStreamTests
{
    [Fact]
    public async Task The_nodes_streams_become_one_and_news_that_two_tell_is_told_once()
    {
        await using var app1 = await NodeAsync(
            "event: role\ndata: {\"n\":1}\n\n: still here\n\nevent: view\ndata: {\"n\":2}\n\n"
        );
        await using var app2 = await NodeAsync("event: role\ndata: {\"n\":1}\n\nevent: decision\ndata: {\"n\":3}\n\n");

        var events = await TakeAsync(3, app1.Endpoint, app2.Endpoint);

        Assert.Equal(
            [("decision", "{\"n\":3}"), ("role", "{\"n\":1}"), ("view", "{\"n\":2}")],
            events.Select(one => (one.Kind, one.Data)).Order()
        );
    }

    [Fact]
    public async Task A_node_that_closes_its_stream_is_asked_again()
    {
        var times = 0;
        await using var node = await FakeNode.StartAsync(_ => new FakeAnswer(
            200,
            $"event: role\ndata: {Interlocked.Increment(ref times)}\n\n",
            "text/event-stream"
        ));

        var events = await TakeAsync(2, node.Endpoint, await FakeNode.GoneAsync());

        Assert.Equal(["1", "2"], events.Select(one => one.Data));
    }

    private static Task<FakeNode> NodeAsync(string stream) =>
        FakeNode.StartAsync(
            async (context, _) =>
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(stream);
                await context.Response.Body.FlushAsync();
                var gone = new TaskCompletionSource();
                await using var registration = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
                return FakeAnswer.Empty(200);
            }
        );

    private static async Task<List<StreamedEvent>> TakeAsync(int count, params Uri[] endpoints)
    {
        using var client = new FormationClient(endpoints);
        using var enough = new CancellationTokenSource();
        var events = new List<StreamedEvent>();
        await foreach (var one in new EventStream(client).ReadAsync(enough.Token))
        {
            events.Add(one);
            if (events.Count == count)
                break;
        }

        return events;
    }
}

using Failover.Client.Api;
using Microsoft.AspNetCore.Http;

namespace Failover.Client.Tests.Api;

public sealed class FormationClientTests
{
    private static readonly ClientOptions AnHour = new() { Timeout = TimeSpan.FromHours(1) };

    private static readonly ApiRequest Write = new(HttpMethod.Put, "/kv-store/v1/kv/k") { Body = "{}"u8.ToArray() };

    [Fact]
    public async Task A_node_that_is_gone_is_left_for_the_next_one()
    {
        await using var alive = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var client = new FormationClient([await FakeNode.GoneAsync(), alive.Endpoint]);

        var answer = await client.SendAsync(Write, new ClientSession("c"), default);

        Assert.Equal((200, alive.Endpoint), (answer.Status, answer.Endpoint));
    }

    [Fact]
    public async Task A_retry_carries_the_session_headers_of_the_first_attempt()
    {
        await using var busy = await FakeNode.StartAsync(_ => FakeAnswer.Empty(503));
        await using var primary = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var client = new FormationClient([busy.Endpoint, primary.Endpoint]);
        var session = new ClientSession("c");

        await client.SendAsync(Write, session, default);
        await client.SendAsync(Write, session, default);

        Assert.Equal([("c", "1")], busy.Requests.Select(Names));
        Assert.Equal([("c", "1"), ("c", "2")], primary.Requests.Select(Names));

        static (string?, string?) Names(FakeRequest request) => (request.Session, request.Number);
    }

    [Fact]
    public async Task Every_attempt_says_how_far_the_log_had_come_before_the_first()
    {
        await using var busy = await FakeNode.StartAsync(_ => FakeAnswer.Empty(503));
        await using var primary = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        primary.Position = "3:97";
        var time = new ManualTime();
        using var client = new FormationClient([busy.Endpoint, primary.Endpoint], AnHour, time);
        var session = new ClientSession("c");

        await client.SendAsync(Write, session, default);
        time.Advance(TimeSpan.FromSeconds(1));
        await client.SendAsync(Write, session, default);

        Assert.Equal(["3:41"], busy.Requests.Select(request => request.Since));
        Assert.Equal(["3:41", "3:97"], primary.Requests.Select(request => request.Since));
    }

    [Fact]
    public async Task A_retry_that_knows_no_position_says_that_it_may_be_of_any_age()
    {
        var answers = new Queue<FakeAnswer>([FakeAnswer.Empty(503), FakeAnswer.Json("{}")]);
        await using var node = await FakeNode.StartAsync(_ => answers.Dequeue());
        node.Position = null;
        using var client = new FormationClient([node.Endpoint]);

        await client.SendAsync(Write, new ClientSession("c"), default);

        Assert.Equal([null, "0:0"], node.Requests.Select(request => request.Since));
    }

    [Fact]
    public async Task A_node_that_answers_503_is_asked_again_until_it_has_a_primary()
    {
        var refusals = 3;
        await using var node = await FakeNode.StartAsync(_ =>
            refusals-- > 0 ? FakeAnswer.Problem(503, "no primary", "no-primary") : FakeAnswer.Json("{}")
        );
        using var client = new FormationClient([node.Endpoint]);

        var answer = await client.SendAsync(Write, new ClientSession("c"), default);

        Assert.Equal(200, answer.Status);
        Assert.Equal(["1", "1", "1", "1"], node.Requests.Select(request => request.Number));
    }

    [Fact]
    public async Task A_silent_node_costs_one_attempt_and_the_next_gets_the_same_request()
    {
        var time = new ManualTime();
        await using var frozen = await FakeNode.StartAsync(
            (context, _) =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return HangAsync(context);
            }
        );
        await using var alive = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var client = new FormationClient(
            [frozen.Endpoint, alive.Endpoint],
            new ClientOptions { AttemptTimeout = TimeSpan.FromSeconds(1) },
            time
        );

        await client.SendAsync(Write, new ClientSession("c"), default);

        Assert.Equal("1", frozen.TheRequest.Number);
        Assert.Equal("1", alive.TheRequest.Number);
    }

    [Fact]
    public async Task When_nobody_answers_the_message_says_what_became_of_each_node()
    {
        var gone = await FakeNode.GoneAsync();
        using var client = new FormationClient([gone], AnHour, new SteppingTime());

        var failure = await Assert.ThrowsAsync<CommandException>(() => client.SendAsync(Write, null, default));

        Assert.Equal(
            $"no node answered within 3600 s: {gone.GetLeftPart(UriPartial.Authority)} (connection refused)",
            failure.Message
        );
    }

    [Fact]
    public async Task Patience_with_one_node_does_not_grow_past_the_time_there_is()
    {
        using var client = new FormationClient(
            [await FakeNode.GoneAsync()],
            AnHour with
            {
                AttemptTimeout = TimeSpan.MaxValue / 1.5,
            },
            new SteppingTime()
        );

        await Assert.ThrowsAsync<CommandException>(() => client.SendAsync(Write, null, default));
    }

    [Fact]
    public async Task When_time_runs_out_the_last_refusal_is_the_answer()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Problem(503, "no primary", "no-primary"));
        using var client = new FormationClient([node.Endpoint, await FakeNode.GoneAsync()], AnHour, new SteppingTime());

        Assert.Equal(503, (await client.SendAsync(Write, null, default)).Status);
    }

    [Fact]
    public async Task An_operation_is_not_sent_twice_when_its_outcome_is_unknown()
    {
        await using var dying = await FakeNode.StartAsync(
            (context, _) =>
            {
                context.Abort();
                return Task.FromResult(FakeAnswer.Empty(200));
            }
        );
        await using var other = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var client = new FormationClient([dying.Endpoint, other.Endpoint]);

        var failure = await Assert.ThrowsAsync<CommandException>(() =>
            client.SendAsync(ApiRequest.Operation(HttpMethod.Post, "/switchover"), null, default)
        );

        Assert.Contains("may or may not have happened", failure.Message, StringComparison.Ordinal);
        Assert.Single(dying.Requests);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task An_operation_goes_on_to_the_next_node_when_the_first_never_got_it()
    {
        await using var other = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var client = new FormationClient([await FakeNode.GoneAsync(), other.Endpoint]);

        await client.SendAsync(ApiRequest.Operation(HttpMethod.Post, "/switchover"), null, default);

        Assert.Single(other.Requests);
    }

    [Fact]
    public async Task The_node_that_answered_is_asked_first_the_next_time()
    {
        await using var busy = await FakeNode.StartAsync(_ => FakeAnswer.Empty(503));
        await using var primary = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));
        using var client = new FormationClient([busy.Endpoint, primary.Endpoint]);

        await client.SendAsync(Write, null, default);
        await client.SendAsync(Write, null, default);

        Assert.Single(busy.Requests);
        Assert.Equal(2, primary.Requests.Count);
    }

    private static async Task<FakeAnswer> HangAsync(HttpContext context)
    {
        // Until the client gives up and closes the connection.
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
        return FakeAnswer.Empty(499);
    }
}

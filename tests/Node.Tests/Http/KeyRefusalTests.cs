using System.Net;
using System.Text;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

/// <summary>What a key's address refuses: malformed, too large, of another type, or not possible now.</summary>
public sealed class KeyRefusalTests : FrontTests
{
    private const string Root = "/kv-store/v1/kv/";

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("{", 1, 2)]
    [InlineData("{\"value\": tru}", 1, 14)]
    [InlineData("{\"value\":\n  01}", 2, 4)]
    [InlineData("{\"value\":1} x", 1, 13)]
    [InlineData("{\"value\":1,}", 1, 12)]
    public async Task Broken_json_is_refused_and_its_place_named(string body, int line, int place)
    {
        var problem = await IsProblem(await Put(Root + "k", body), 400, "invalid-json");

        Assert.Contains($"line {line}, byte {place}", Detail(problem), StringComparison.Ordinal);
        Assert.Equal(line, problem.GetProperty("line").GetInt32());
        Assert.Null(Service.LastCommand);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"valeu":1}""")]
    [InlineData("""{"value":1,"more":2}""")]
    [InlineData("""{"value":1,"value":2}""")]
    public async Task Only_the_one_member_value_is_understood(string body) =>
        await IsProblem(await Put(Root + "k", body), 400, "invalid-json");

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused()
    {
        var body = new ByteArrayContent([.. "{\"value\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        body.Headers.ContentType = new("application/json");

        await IsProblem(await Send(HttpMethod.Put, Root + "k", body), 400, "invalid-json");
    }

    [Theory]
    [InlineData("text/plain", true)]
    [InlineData("application/x-www-form-urlencoded", true)]
    [InlineData("application/json; charset=iso-8859-1", true)]
    [InlineData("application/json; charset=UTF-8", false)]
    [InlineData("application/vnd.our+json", false)]
    [InlineData(null, false)]
    public async Task A_body_of_another_type_is_refused(string? type, bool refused)
    {
        var body = new ByteArrayContent("{\"value\":1}"u8.ToArray());
        if (type is not null)
            body.Headers.TryAddWithoutValidation("Content-Type", type);

        var put = await Send(HttpMethod.Put, Root + "k", body);

        if (refused)
            await IsProblem(put, 415, "media-type");
        else
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        var body = Json("{\"value\":1}");
        body.Headers.ContentEncoding.Add("gzip");

        await IsProblem(await Send(HttpMethod.Put, Root + "k", body), 415, "media-type");
    }

    [Fact]
    public async Task Another_method_is_405_with_what_is_allowed()
    {
        var answer = await Send(HttpMethod.Post, Root + "k", Json("{}"));

        await IsProblem(answer, 405, "method");
        Assert.Equal(["GET", "HEAD", "PUT", "DELETE"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(RefusalReason.NoPrimary, 503, "no-primary")]
    [InlineData(RefusalReason.NotEnoughReplicas, 503, "not-enough-replicas")]
    [InlineData(RefusalReason.Overloaded, 503, "overloaded")]
    [InlineData(RefusalReason.Unreachable, 503, "unreachable")]
    [InlineData(RefusalReason.UnknownNode, 404, "unknown-node")]
    [InlineData(RefusalReason.SessionExpired, 409, "session-expired")]
    [InlineData(RefusalReason.Conflict, 409, "conflict")]
    internal async Task A_refusal_says_why_in_a_word_and_a_sentence(RefusalReason why, int status, string reason)
    {
        Service.Refusal = new Refusal(why, "because \"it\" is so");

        foreach (
            var answer in (HttpResponseMessage[])
                [
                    await Put(Root + "k", """{"value":1}"""),
                    await Get(Root + "k"),
                    await Send(HttpMethod.Delete, Root + "k"),
                    await Get("/state"),
                    await Send(HttpMethod.Post, "/pause"),
                ]
        )
        {
            var problem = await IsProblem(answer, status, reason);
            Assert.Equal("because \"it\" is so", Detail(problem));
        }
    }

    [Fact]
    public async Task A_failure_of_ours_is_500_with_a_reference_and_nothing_else()
    {
        Service.Failure = new InvalidOperationException("secret inside");

        var problem = await IsProblem(await Get(Root + "k"), 500, "internal");

        var reference = problem.GetProperty("reference").GetString()!;
        Assert.Equal(8, reference.Length);
        Assert.Contains(reference, Detail(problem), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_ours_is_logged_once_under_its_reference()
    {
        Service.Failure = new InvalidOperationException("secret inside");

        var problem = await IsProblem(await Get(Root + "k"), 500, "internal");

        var (line, error) = Assert.Single(Log.Errors);
        Assert.Same(Service.Failure, error);
        Assert.Contains(problem.GetProperty("reference").GetString()!, line, StringComparison.Ordinal);
        Assert.Contains("GET /kv-store/v1/kv/k", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_leaves_is_waited_for_no_longer()
    {
        Service.Hold = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        var reading = Client.GetAsync(new Uri(Root + "k", UriKind.Relative), leaving.Token);
        await Service.Held.Task;

        await leaving.CancelAsync();

        await Service.Left.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Empty(Log.Errors);
    }

    [Fact]
    public async Task A_request_held_is_answered_when_its_time_comes()
    {
        Service.Put("k", "1");
        Service.Hold = new TaskCompletionSource();
        var reading = Get(Root + "k");
        await Service.Held.Task;

        Service.Hold.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await reading).StatusCode);
    }

    [Fact]
    public async Task A_request_that_ran_out_of_time_is_503()
    {
        Service.Failure = new OperationCanceledException();

        await IsProblem(await Get(Root + "k"), 503, "no-primary");
    }

    [Fact]
    public async Task A_key_as_long_as_allowed_is_fine_and_one_byte_more_is_413()
    {
        // Two bytes of UTF-8 and six characters of escapes each.
        var longest = string.Concat(Enumerable.Repeat("%C3%A9", 512));

        Assert.Equal(HttpStatusCode.Created, (await Put(Root + longest, """{"value":1}""")).StatusCode);
        var problem = await IsProblem(await Put(Root + longest + "a", """{"value":1}"""), 413, "limit");

        Assert.Equal("key", problem.GetProperty("limit").GetString());
        Assert.Equal(1024, problem.GetProperty("allowed").GetInt32());
    }

    [Fact]
    public async Task A_value_one_byte_too_large_is_413()
    {
        var text = new string('x', 1024 * 1024 - 1);

        var problem = await IsProblem(await Put(Root + "k", $$"""{"value":"{{text}}"}"""), 413, "limit");

        Assert.Equal("value", problem.GetProperty("limit").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_too_large_is_413_announced_or_not(bool announced)
    {
        var bytes = Encoding.UTF8.GetBytes("{\"value\":1}" + new string(' ', 8 * 1024 * 1024));
        HttpContent body = announced ? new ByteArrayContent(bytes) : new StreamContent(new UnknownLength(bytes));
        body.Headers.ContentType = new("application/json");

        var problem = await IsProblem(
            await Send(HttpMethod.Put, Root + "k", body, ("Expect", "100-continue")),
            413,
            "limit"
        );

        Assert.Equal("body", problem.GetProperty("limit").GetString());
        Assert.Equal(8 * 1024 * 1024, problem.GetProperty("allowed").GetInt32());
    }

    /// <summary>A stream whose length HttpClient cannot know, so that it sends chunks.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

using System.Net;
using Failover.Core;
using Failover.Core.Store;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

public sealed class KeyRoutesTests : FrontTests
{
    private const string Root = "/kv-store/v1/kv/";

    [Fact]
    public async Task A_new_key_is_created_and_read_back_with_its_version()
    {
        var put = await Put(Root + "name", """{"value": "Paola"}""");

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal("""{"key":"name","version":1,"epoch":3}""", await put.Content.ReadAsStringAsync());
        Assert.Equal("\"1\"", put.Headers.ETag!.Tag);

        var get = await Get(Root + "name");

        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Equal("""{"key":"name","value":"Paola","version":1}""", await get.Content.ReadAsStringAsync());
        Assert.Equal("\"1\"", get.Headers.ETag!.Tag);
        Assert.Equal("application/json; charset=utf-8", get.Content.Headers.ContentType!.ToString());
        Assert.Equal(["app1"], get.Headers.GetValues("Failover-Node"));
    }

    [Fact]
    public async Task A_known_key_is_set_with_200()
    {
        Service.Put("name", "1");

        var put = await Put(Root + "name", """{"value": 2}""");

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal("2", Service.Find("name")!.Value.Json);
    }

    [Theory]
    [InlineData("""{"value":null}""", "null")]
    [InlineData("""{"value":1.500e+3}""", "1.500e+3")]
    [InlineData("""{"value":12345678901234567890123.000}""", "12345678901234567890123.000")]
    [InlineData(""" { "value" : [ 1 , { "a b" : "c  d \" \\ e" } , true ] } """, """[1,{"a b":"c  d \" \\ e"},true]""")]
    [InlineData("""{"value":"\u00e9\/é"}""", "\"\\u00e9\\/é\"")]
    [InlineData("""{"value":{"b":1,"a":2,"b":3}}""", """{"b":1,"a":2,"b":3}""")]
    public async Task A_value_is_kept_as_compact_json_text_token_by_token(string body, string kept)
    {
        var put = await Put(Root + "k", body);

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(kept, Service.Find("k")!.Value.Json);
        Assert.Equal($$"""{"key":"k","value":{{kept}},"version":1}""", await Body(Root + "k"));
    }

    [Theory]
    [InlineData("a/b/c", "a/b/c")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("test/", "test")]
    [InlineData("test%2F", "test/")]
    [InlineData("%2e%2e", "..")]
    [InlineData("gr%C3%BCn%20und%3Fgelb", "grün und?gelb")]
    [InlineData("a+b", "a+b")]
    [InlineData("k?consistency=linearizable", "k")]
    [InlineData("k/?x=/", "k")]
    public async Task A_key_is_decoded_once_from_the_target_as_sent(string path, string key)
    {
        var put = await Put(Root + path, """{"value":1}""");

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.NotNull(Service.Find(key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("a%zz")]
    [InlineData("%ff%fe")]
    public async Task A_key_that_is_no_text_is_refused(string path) =>
        await IsProblem(await Put(Root + path, """{"value":1}"""), 400, "bad-key");

    [Fact]
    public async Task A_large_value_goes_in_and_out()
    {
        var text = "\"" + new string('x', 1024 * 1024 - 2) + "\"";

        var put = await Put(Root + "large", $$"""{"value": {{text}}}""");

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal($$"""{"key":"large","value":{{text}},"version":1}""", await Body(Root + "large"));
    }

    [Fact]
    public async Task Get_of_an_absent_key_is_404() => await IsProblem(await Get(Root + "absent"), 404, "not-found");

    [Fact]
    public async Task Get_with_the_version_at_hand_is_304()
    {
        Service.Put("k", "1");

        Assert.Equal(HttpStatusCode.NotModified, (await Get(Root + "k", ("If-None-Match", "\"1\""))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Get(Root + "k", ("If-None-Match", "\"0\""))).StatusCode);
    }

    [Fact]
    public async Task Head_has_the_headers_of_get_and_no_body()
    {
        Service.Put("k", "1");

        var head = await Send(HttpMethod.Head, Root + "k");

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("\"1\"", head.Headers.ETag!.Tag);
        Assert.Equal("""{"key":"k","value":1,"version":1}""".Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("?consistency=linearizable", false)]
    [InlineData("?consistency=stale", true)]
    public async Task Consistency_is_the_readers_choice(string query, bool stale)
    {
        Service.Put("k", "1");

        var found = await Get(Root + "k" + query);
        Assert.Equal(stale, Service.LastStale);
        var missing = await Get(Root + "none" + query);

        // What may be behind the primary says so, whatever it has to tell.
        Assert.All([found, missing], r => Assert.Equal(stale, r.Headers.Contains("Failover-Stale")));
    }

    [Fact]
    public async Task Any_other_consistency_is_refused() =>
        await IsProblem(await Get(Root + "k?consistency=some"), 400, "bad-query");

    [Fact]
    public async Task Delete_answers_204_and_then_404()
    {
        Service.Put("k", "1");

        var first = await Send(HttpMethod.Delete, Root + "k");
        var second = await Send(HttpMethod.Delete, Root + "k");

        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        await IsProblem(second, 404, "not-found");
    }

    [Fact]
    public async Task If_match_compares_and_sets()
    {
        Service.Put("k", "1");

        var matching = await Put(Root + "k", """{"value":2}""", ("If-Match", "\"1\""));
        var late = await Put(Root + "k", """{"value":3}""", ("If-Match", "\"1\""));

        Assert.Equal(HttpStatusCode.OK, matching.StatusCode);
        var problem = await IsProblem(late, 412, "version-mismatch");
        Assert.Equal(2, problem.GetProperty("version").GetInt64());
        Assert.Equal("\"2\"", late.Headers.ETag!.Tag);
        Assert.Equal("2", Service.Find("k")!.Value.Json);
    }

    [Fact]
    public async Task If_none_match_star_only_creates()
    {
        var first = await Put(Root + "k", """{"value":1}""", ("If-None-Match", "*"));
        var second = await Put(Root + "k", """{"value":2}""", ("If-None-Match", "*"));

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await IsProblem(second, 412, "version-mismatch");
    }

    [Fact]
    public async Task Delete_takes_if_match_too()
    {
        Service.Put("k", "1");

        var wrong = await Send(HttpMethod.Delete, Root + "k", null, ("If-Match", "7"));
        var right = await Send(HttpMethod.Delete, Root + "k", null, ("If-Match", "1"));

        await IsProblem(wrong, 412, "version-mismatch");
        Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);
    }

    [Theory]
    [InlineData("If-Match", "*")]
    [InlineData("If-Match", "W/\"1\"")]
    [InlineData("If-Match", "\"1\", \"2\"")]
    [InlineData("If-None-Match", "\"1\"")]
    public async Task A_precondition_that_is_not_understood_is_refused_not_ignored(string name, string value)
    {
        await IsProblem(await Put(Root + "k", """{"value":1}""", (name, value)), 400, "bad-precondition");

        Assert.Null(Service.LastCommand);
    }

    [Fact]
    public async Task The_clients_session_goes_with_the_write()
    {
        await Put(Root + "k", """{"value":1}""", ("Failover-Client", "c-1"), ("Failover-Request", "42"));

        Assert.Equal(new ClientStamp("c-1", 42), Service.LastSession);
    }

    [Fact]
    public async Task Since_when_the_client_asks_goes_with_its_session()
    {
        await Put(
            Root + "k",
            """{"value":1}""",
            ("Failover-Client", "c-1"),
            ("Failover-Request", "42"),
            ("Failover-Since", "3:41,0:0")
        );

        var stamp = Service.LastSession!;
        Assert.Equal(new Position(new(3), 41), stamp.SinceIn(new(0)));
        Assert.Equal(Position.Zero, stamp.SinceIn(new(1)));
        Assert.Equal(Position.Zero, stamp.SinceIn(new(2)));
    }

    [Theory]
    [InlineData("41")]
    [InlineData("3:x")]
    [InlineData("3:-1")]
    [InlineData("3:41,")]
    [InlineData("")]
    public async Task A_position_that_no_answer_had_is_refused(string since) =>
        await IsProblem(
            await Put(
                Root + "k",
                """{"value":1}""",
                ("Failover-Client", "c"),
                ("Failover-Request", "1"),
                ("Failover-Since", since)
            ),
            400,
            "bad-header"
        );

    [Fact]
    public async Task Every_answer_says_how_far_the_logs_have_come()
    {
        Service.Reached = "3:41,2:17";

        var found = await Put(Root + "k", """{"value":1}""");
        var missing = await Get(Root + "none");

        Assert.All(
            [found, missing],
            r => Assert.Equal("3:41,2:17", Assert.Single(r.Headers.GetValues("Failover-Position")))
        );
    }

    [Fact]
    public async Task Without_session_headers_there_is_no_session()
    {
        await Put(Root + "k", """{"value":1}""");

        Assert.Null(Service.LastSession);
    }

    [Theory]
    [InlineData("c", null)]
    [InlineData(null, "1")]
    [InlineData("", "1")]
    [InlineData("c", "0")]
    [InlineData("c", "-1")]
    [InlineData("c", "x")]
    public async Task Half_a_session_is_refused(string? client, string? request)
    {
        var headers = new List<(string, string)>();
        if (client is not null)
            headers.Add(("Failover-Client", client));
        if (request is not null)
            headers.Add(("Failover-Request", request));

        await IsProblem(await Put(Root + "k", """{"value":1}""", [.. headers]), 400, "bad-header");

        Assert.Null(Service.LastCommand);
    }

    [Fact]
    public async Task An_expired_session_is_a_conflict()
    {
        Service.Result = CommandResult.SessionExpired.Instance;

        await IsProblem(await Put(Root + "k", """{"value":1}"""), 409, "session-expired");
    }

    [Theory]
    [InlineData(null, 10_000)]
    [InlineData("250", 250)]
    [InlineData("99999999", 10_000)]
    public async Task The_timeout_can_be_lowered_not_raised(string? asked, int milliseconds)
    {
        await Get(Root + "k", asked is null ? [] : [("Failover-Timeout-Ms", asked)]);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Service.LastTimeout);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("soon")]
    public async Task A_timeout_must_be_a_number_of_milliseconds(string asked) =>
        await IsProblem(await Get(Root + "k", ("Failover-Timeout-Ms", asked)), 400, "bad-header");
}

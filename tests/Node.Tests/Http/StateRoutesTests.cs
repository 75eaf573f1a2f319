using System.Net;
using Failover.Core.Store;
using Failover.Node.Http;

namespace Failover.Node.Tests.Http;

public sealed class StateRoutesTests : FrontTests
{
    private protected override HttpOptions Options =>
        new()
        {
            Limits = new() { UpdateEntries = 3, Value = 100 },
        };

    [Fact]
    public async Task The_map_is_one_object_with_its_keys_in_ordinal_order()
    {
        Service.Put("b", "2.50");
        Service.Put("a", "\"x\"");
        Service.Put("ä", "[1]");
        Service.Put("B", "null");

        Assert.Equal("""{"B":null,"a":"x","b":2.50,"ä":[1]}""", await Body("/state"));
        Assert.Equal("primary", Service.LastReplica);
    }

    [Theory]
    [InlineData("/state", false)]
    [InlineData("/state?replica=primary", false)]
    [InlineData("/state?replica=standby", true)]
    [InlineData("/state?replica=app1", true)]
    public async Task A_map_that_may_be_behind_says_so(string path, bool stale) =>
        Assert.Equal(stale, (await Get(path)).Headers.Contains("Failover-Stale"));

    [Fact]
    public async Task An_empty_map_is_an_empty_object() => Assert.Equal("{}", await Body("/state"));

    [Fact]
    public async Task A_large_map_comes_whole()
    {
        for (var i = 0; i < 20_000; i++)
            Service.Put($"key{i:00000}", $"{i}");

        var text = await Body("/state");

        Assert.StartsWith("""{"key00000":0,"key00001":1,""", text, StringComparison.Ordinal);
        Assert.EndsWith(""","key19999":19999}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_replica_can_be_asked()
    {
        await Body("/state?replica=app2");

        Assert.Equal("app2", Service.LastReplica);
    }

    [Fact]
    public async Task Patch_sets_all_entries_at_once()
    {
        var answer = await Send(HttpMethod.Patch, "/state", Json("""{ "id": "999", "n": 1.0, "o": { "x": [ ] } }"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"version":1,"epoch":3,"updated":3}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(
            new Command.Update([new("id", "\"999\""), new("n", "1.0"), new("o", """{"x":[]}""")]),
            Service.LastCommand
        );
    }

    [Theory]
    [InlineData("""{"a":1,"b":2,"a":3}""", 400, "duplicate-key")]
    [InlineData("""{"a":1,"\u0061":3}""", 400, "duplicate-key")]
    [InlineData("""{"a":1,"b":}""", 400, "invalid-json")]
    [InlineData("""["a"]""", 400, "invalid-json")]
    [InlineData("""{"\ud800":1}""", 400, "invalid-json")]
    [InlineData("{}", 400, "empty-update")]
    [InlineData("""{"":1}""", 400, "bad-key")]
    [InlineData("""{"a":1,"b":1,"c":1,"d":1}""", 413, "limit")]
    public async Task A_malformed_update_changes_nothing(string body, int status, string reason)
    {
        await IsProblem(await Send(HttpMethod.Patch, "/state", Json(body)), status, reason);

        Assert.Null(Service.LastCommand);
    }

    [Fact]
    public async Task Every_limit_is_named()
    {
        var entries = Json("""{"a":1,"b":1,"c":1,"d":1}""");
        var key = Json($$"""{"{{new string('k', 1025)}}":1}""");
        var value = Json($$"""{"a":"{{new string('v', 99)}}"}""");

        Assert.Equal("update-entries", await Limit(entries));
        Assert.Equal("key", await Limit(key));
        Assert.Equal("value", await Limit(value));

        async Task<string?> Limit(HttpContent body)
        {
            var problem = await IsProblem(await Send(HttpMethod.Patch, "/state", body), 413, "limit");
            return problem.GetProperty("limit").GetString();
        }
    }

    [Fact]
    public async Task Another_method_is_405_with_what_is_allowed()
    {
        var answer = await Send(HttpMethod.Put, "/state", Json("{}"));

        await IsProblem(answer, 405, "method");
        Assert.Equal(["GET", "PATCH"], answer.Content.Headers.Allow.Order());
    }
}

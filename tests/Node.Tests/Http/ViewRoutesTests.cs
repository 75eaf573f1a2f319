using System.Net;
using System.Text.Json;
using Failover.Core;
using Failover.Node.Http;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

public sealed class ViewRoutesTests : FrontTests
{
    private protected override HttpOptions Options =>
        new() { InstanceId = "run-1", Configuration = () => "failover { http { auth-token = \"***\" } }\n" };

    [Fact]
    public async Task The_cluster_document_holds_nodes_replicas_and_partitions()
    {
        var cluster = JsonDocument.Parse(await Body("/cluster")).RootElement;

        Assert.Equal(Formations.Id.ToString(), cluster.GetProperty("formation").GetString());
        Assert.Equal(12, cluster.GetProperty("version").GetInt64());
        Assert.False(cluster.GetProperty("paused").GetBoolean());
        Assert.Equal("monitor1", cluster.GetProperty("monitor").GetString());
        Assert.Equal(
            """
            {"node":"app2","roles":["data"],"address":"akka.tcp://failover@127.0.0.1:9082","http":"http://127.0.0.1:8082","pbm":"127.0.0.1:10082","status":"up","reachability":"reachable","heartbeatAgeMs":12.5,"phi":0.25,"probe":"connected","maintenance":false,"version":"0.1.0","replicas":[{"partition":0,"reported":"standby","assigned":"standby","epoch":3,"position":{"epoch":3,"sequence":120},"commit":120,"lag":0,"leaseRemainingMs":null,"trouble":null}]}
            """,
            cluster.GetProperty("nodes")[2].GetRawText()
        );
        Assert.Equal(
            """[{"partition":0,"epoch":3,"primary":"app1","inSync":["app1","app2"],"serving":true}]""",
            cluster.GetProperty("partitions").GetRawText()
        );
    }

    [Fact]
    public async Task The_voters_are_told_with_the_former_ones_while_they_change()
    {
        Service.Current = Service.Current with { FormerVoters = [new("app1"), new("app2")] };

        Assert.Equal(
            """{"version":12,"voters":["monitor1","app1","app2"],"former":["app1","app2"],"majority":2}""",
            await Body("/voters")
        );
    }

    [Fact]
    public async Task What_is_not_known_is_null()
    {
        Service.Current = NodeSnapshot.Unknown;

        Assert.Equal(
            """
            {"self":"app1","formation":null,"version":0,"paused":false,"monitor":null,"leader":null,"nodes":[],"partitions":[],"voters":[],"problems":["starting"],"alarms":[]}
            """,
            await Body("/cluster")
        );
        Assert.Equal("""{"events":[]}""", await Body("/history"));
    }

    [Fact]
    public async Task An_alarm_is_shown_and_makes_nobody_unhealthy()
    {
        Service.Current = Service.Current with
        {
            Alarms = ["partition 0 failed over 4 times by itself within an hour"],
        };

        var cluster = JsonDocument.Parse(await Body("/cluster")).RootElement;

        Assert.Equal(
            """["partition 0 failed over 4 times by itself within an hour"]""",
            cluster.GetProperty("alarms").GetRawText()
        );
        Assert.Equal("[]", cluster.GetProperty("problems").GetRawText());
        var health = JsonDocument.Parse(await Body("/health")).RootElement;
        Assert.Equal("healthy", health.GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_endless_suspicion_is_still_a_number()
    {
        var now = Service.Current;
        Service.Current = now with { Nodes = [now.Nodes[0] with { Phi = double.PositiveInfinity }] };

        var node = JsonDocument.Parse(await Body("/cluster")).RootElement.GetProperty("nodes")[0];

        Assert.True(node.GetProperty("phi").GetDouble() > 1e300);
    }

    [Fact]
    public async Task History_tells_what_was_decided_why_and_how_long_it_took()
    {
        var events = JsonDocument.Parse(await Body("/history")).RootElement.GetProperty("events");

        var failover = Assert.Single(events.EnumerateArray());
        Assert.Equal(7, failover.GetProperty("version").GetInt64());
        Assert.Equal("2026-11-20T10:00:00.123Z", failover.GetProperty("at").GetString());
        Assert.Equal("failover", failover.GetProperty("kind").GetString());
        Assert.Equal("app2", failover.GetProperty("from").GetString());
        Assert.Equal("app1", failover.GetProperty("to").GetString());
        Assert.Equal(2, failover.GetProperty("evidence").GetArrayLength());
        Assert.Equal(8.1, failover.GetProperty("phasesMs").GetProperty("firstCommit").GetDouble());
    }

    [Fact]
    public async Task The_configuration_is_told_as_it_was_given()
    {
        var answer = await Get("/config");

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(Options.Configuration(), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_leader_says_so()
    {
        Assert.Equal(
            """
            {"node":"app1","instanceId":"run-1","isLeader":true,"role":"primary","epoch":3,"partition":0,"heartbeatAgeMs":0,"position":{"epoch":3,"sequence":120},"application":null}
            """,
            await Body("/api/failover/status")
        );
    }

    [Fact]
    public async Task A_standby_tells_the_age_of_its_leaders_heartbeat()
    {
        Service.Current = Formations.Standby();

        var status = JsonDocument.Parse(await Body("/api/failover/status")).RootElement;

        Assert.False(status.GetProperty("isLeader").GetBoolean());
        Assert.Equal("standby", status.GetProperty("role").GetString());
        Assert.Equal(12.5, status.GetProperty("heartbeatAgeMs").GetDouble());
    }

    [Theory]
    [InlineData("healthy", "reachable", true)]
    [InlineData("degraded", "unreachable", true)]
    [InlineData("down", "reachable", false)]
    public async Task The_systems_status_is_one_word(string expected, string reachability, bool serving)
    {
        var now = Formations.With(view: p => p with { Serving = serving });
        Service.Current = now with
        {
            Nodes = [now.Nodes[0], now.Nodes[1], now.Nodes[2] with { Reachability = reachability }],
        };

        var status = JsonDocument.Parse(await Body("/api/system/status")).RootElement;

        Assert.Equal(expected, status.GetProperty("status").GetString());
        Assert.Equal("app1", status.GetProperty("leader").GetString());
        Assert.Equal(3, status.GetProperty("totalNodes").GetInt32());
    }

    [Fact]
    public async Task The_dashboard_is_one_page_that_loads_nothing_from_elsewhere()
    {
        var answer = await Get("/");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains(
            "connect-src 'self'",
            answer.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404, "no-such-route")]
    [InlineData("GET", "/kv-store/v1/kv", 404, "no-such-route")]
    [InlineData("POST", "/cluster", 405, "method")]
    [InlineData("DELETE", "/", 405, "method")]
    [InlineData("OPTIONS", "/cluster", 405, "method")]
    public async Task What_is_not_there_is_a_problem_document_too(string method, string path, int status, string reason)
    {
        var answer = await Send(new HttpMethod(method), path);

        await IsProblem(answer, status, reason);
        if (status == 405)
            Assert.Contains("GET", answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/cluster")]
    [InlineData("/metrics")]
    [InlineData("/nothing")]
    public async Task No_answer_is_to_be_guessed_at_or_kept(string path)
    {
        var answer = await Get(path);

        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task A_connection_serves_many_requests_after_an_error()
    {
        for (var i = 0; i < 20; i++)
        {
            await IsProblem(await Put("/kv-store/v1/kv/k", "{"), 400, "invalid-json");
            Assert.Equal(HttpStatusCode.OK, (await Get("/liveness")).StatusCode);
        }
    }
}

using System.Net;
using System.Text.Json;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

public sealed class RoleRoutesTests : FrontTests
{
    private static readonly string[] Primary = ["/primary", "/leader", "/read-write", "/read-only"];

    private static readonly string[] Standby = ["/standby", "/replica", "/read-only", "/sync"];

    private static readonly string[] All = [.. Primary.Union(Standby)];

    [Fact]
    public async Task A_serving_primary_is_primary_and_nothing_else() => await Only(Primary);

    [Fact]
    public async Task A_primary_that_does_not_serve_is_nothing()
    {
        Service.Current = Formations.With(view: p => p with { Serving = false });

        await Only([]);
    }

    [Fact]
    public async Task A_primary_that_the_view_has_deposed_is_nothing()
    {
        Service.Current = Formations.With(view: p => p with { Primary = new NodeId("app2"), InSync = [new("app2")] });

        await Only([]);
    }

    [Fact]
    public async Task A_primary_whose_lease_has_run_out_is_nothing()
    {
        Service.Current = Formations.With(own: r => r with { LeaseRemaining = TimeSpan.Zero });

        await Only([]);
    }

    [Fact]
    public async Task A_primary_that_needs_no_lease_is_primary()
    {
        Service.Current = Formations.With(own: r => r with { LeaseRemaining = null });

        await Only(Primary);
    }

    [Fact]
    public async Task A_replica_that_still_promotes_is_nothing()
    {
        Service.Current = Formations.With(own: r => r with { Reported = "promoting" });

        await Only([]);
    }

    [Fact]
    public async Task A_standby_in_sync_is_standby_and_readable()
    {
        Service.Current = Formations.Standby();

        await Only(Standby);
    }

    [Fact]
    public async Task A_joining_replica_is_nothing_unless_some_lag_will_do()
    {
        Service.Current = Formations.Standby(inSync: false, reported: "joining", lag: 10);

        await Only([]);
        Assert.Equal(503, await Status("/replica?lag=9"));
        Assert.Equal(200, await Status("/replica?lag=10"));
        Assert.Equal(200, await Status("/standby?lag=10"));
        Assert.Equal(200, await Status("/read-only?lag=10"));
        Assert.Equal(503, await Status("/sync?lag=10"));
    }

    [Fact]
    public async Task A_replica_with_unknown_lag_is_not_within_any()
    {
        Service.Current = Formations.Standby(inSync: false, reported: "joining", lag: null);

        Assert.Equal(503, await Status("/replica?lag=1000000"));
    }

    [Fact]
    public async Task A_node_that_has_just_started_is_alive_and_nothing_else()
    {
        Service.Current = NodeSnapshot.Unknown;

        await Only([]);
        Assert.Equal(200, await Status("/liveness"));
        Assert.Equal(503, await Status("/readiness"));
        Assert.Equal(503, await Status("/health"));
        Assert.Equal(503, await Status("/kv-store/v1/health/"));
    }

    [Fact]
    public async Task Another_partition_is_asked_for_by_its_number()
    {
        Assert.Equal(200, await Status("/primary?partition=0"));
        Assert.Equal(503, await Status("/primary?partition=1"));
        Assert.Equal(400, await Status("/primary?partition=one"));
        Assert.Equal(400, await Status("/replica?lag=-1"));
    }

    [Fact]
    public async Task The_document_says_what_the_node_is()
    {
        Assert.Equal(
            """{"node":"app1","partition":0,"role":"primary","assigned":"primary","epoch":3"""
                + ""","position":{"epoch":3,"sequence":120},"lag":0,"inSync":true,"serving":true}""",
            await Body("/primary")
        );
        var problem = await IsProblem(await Get("/standby"), 503, "not-standby");
        Assert.Equal("primary", problem.GetProperty("role").GetString());
        Assert.Equal("app1", problem.GetProperty("node").GetString());
    }

    [Theory]
    [InlineData("HEAD", "/primary", 200)]
    [InlineData("OPTIONS", "/primary", 200)]
    [InlineData("HEAD", "/standby", 503)]
    [InlineData("OPTIONS", "/standby", 503)]
    [InlineData("OPTIONS", "/liveness", 200)]
    [InlineData("HEAD", "/readiness", 200)]
    [InlineData("HEAD", "/health", 200)]
    [InlineData("OPTIONS", "/kv-store/v1/health/", 200)]
    public async Task Head_and_options_answer_with_the_status_alone(string method, string path, int status)
    {
        var answer = await Send(new HttpMethod(method), path);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_post_to_a_check_is_405() =>
        await IsProblem(await Send(HttpMethod.Post, "/primary"), 405, "method");

    [Fact]
    public async Task Ready_means_that_every_partition_serves()
    {
        Assert.Equal("""{"status":"ready","node":"app1"}""", await Body("/readiness"));
        var now = Service.Current;
        var second = now.Partitions[0] with { Partition = new PartitionId(1), Serving = false };
        Service.Current = now with { Partitions = [.. now.Partitions, second] };

        var problem = await IsProblem(await Get("/readiness"), 503, "not-ready");

        Assert.Contains("partition 1", Detail(problem), StringComparison.Ordinal);
        Assert.Equal(200, await Status("/readiness?partition=0"));
        Assert.Equal(503, await Status("/readiness?partition=1"));
        Assert.Equal(503, await Status("/readiness?partition=2"));
    }

    [Fact]
    public async Task Health_gives_the_reasons()
    {
        Assert.Equal(
            $$"""{"status":"healthy","node":"app1","formation":"{{Formations.Id}}","version":12,"reasons":[]}""",
            await Body("/health")
        );
        Service.Current = Service.Current with { Problems = ["the log cannot be written: \"EIO\"", "second"] };

        var problem = await IsProblem(await Get("/health"), 503, "unhealthy");

        Assert.Equal("the log cannot be written: \"EIO\"", problem.GetProperty("reasons")[0].GetString());
        Assert.Equal(2, problem.GetProperty("reasons").GetArrayLength());
    }

    [Theory]
    [InlineData("/kv-store/v1/health/")]
    [InlineData("/kv-store/v1/health")]
    public async Task The_stores_health_has_the_shape_that_its_readers_know(string path) =>
        Assert.Equal(
            """{"status":"healthy","cluster":{"replication_enabled":true,"total_nodes":3,"healthy_nodes":3"""
                + ""","unhealthy_nodes":0,"required_for_quorum":2,"has_quorum":true,"can_accept_writes":true"""
                + ""","automatic_failover_enabled":true,"retry_attempts":3,"nodes":["""
                + """{"url":"http://127.0.0.1:8080/kv-store/v1","healthy":true},"""
                + """{"url":"http://127.0.0.1:8082/kv-store/v1","healthy":true}]}}""",
            await Body(path)
        );

    [Fact]
    public async Task The_stores_health_is_degraded_when_a_node_is_lost()
    {
        var now = Service.Current;
        Service.Current = now with
        {
            Nodes = [.. now.Nodes.Select(n => n.Node.Value == "app2" ? n with { Reachability = "unreachable" } : n)],
        };

        var cluster = JsonDocument.Parse(await Body("/kv-store/v1/health/")).RootElement;

        Assert.Equal("degraded", cluster.GetProperty("status").GetString());
        Assert.Equal(1, cluster.GetProperty("cluster").GetProperty("unhealthy_nodes").GetInt32());
        Assert.True(cluster.GetProperty("cluster").GetProperty("has_quorum").GetBoolean());
    }

    private async Task Only(string[] holding)
    {
        foreach (var path in All)
        {
            var expected = holding.Contains(path) ? 200 : 503;
            Assert.True(expected == await Status(path), $"{path} should be {expected}");
        }
    }

    private async Task<int> Status(string path) => (int)(await Get(path)).StatusCode;
}

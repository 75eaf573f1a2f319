using System.Net;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

public sealed class OperationRoutesTests : FrontTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("{}", null, null)]
    [InlineData("""{"to":"app2"}""", "app2", null)]
    [InlineData("""{"to":"app2","partition":1}""", "app2", 1)]
    [InlineData("""{"to":null}""", null, null)]
    public async Task Switchover_goes_where_it_is_told_or_where_the_system_likes(
        string? body,
        string? to,
        int? partition
    )
    {
        var answer = await Send(HttpMethod.Post, "/switchover", body is null ? null : Json(body));

        Assert.Equal(
            """{"version":13,"epoch":4,"primary":"app2","message":"done"}""",
            await answer.Content.ReadAsStringAsync()
        );
        Assert.Equal(
            new Operation.Switchover(
                partition is { } p ? new PartitionId(p) : null,
                to is { } name ? new NodeId(name) : null
            ),
            Service.LastOperation
        );
    }

    [Theory]
    [InlineData("POST", "/rebalance", "operate")]
    [InlineData("PUT", "/voters/app3", "operate")]
    [InlineData("DELETE", "/maintenance/app2", "operate")]
    [InlineData("GET", "/voters", "view")]
    public async Task What_an_operator_asks_is_not_counted_as_a_check(string method, string path, string operation)
    {
        await Send(new HttpMethod(method), path);

        var metrics = await Body("/metrics");
        Assert.Contains($"operation=\"{operation}\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("operation=\"check\"", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("""{"acceptDataLoss":false}""", false)]
    [InlineData("""{"acceptDataLoss":true}""", true)]
    public async Task Data_loss_is_accepted_only_in_so_many_words(string? body, bool accepted)
    {
        await Send(HttpMethod.Post, "/failover", body is null ? null : Json(body));

        Assert.Equal(new Operation.ForceFailover(null, accepted), Service.LastOperation);
    }

    [Theory]
    [InlineData("/switchover", "{", "invalid-json")]
    [InlineData("/switchover", """{"too":"app2"}""", "invalid-json")]
    [InlineData("/switchover", """{"to":2}""", "invalid-json")]
    [InlineData("/switchover", """{"to":"app1","to":"app2"}""", "invalid-json")]
    [InlineData("/switchover", """{"to":"app1"} {"to":"app2"}""", "invalid-json")]
    [InlineData("/switchover", """{"to":""}""", "bad-node")]
    [InlineData("/switchover", """{"partition":-1}""", "bad-partition")]
    [InlineData("/failover", """{"acceptDataLoss":"yes"}""", "invalid-json")]
    [InlineData("/failover", """{"acceptdataloss":true}""", "invalid-json")]
    public async Task A_command_that_is_not_understood_does_nothing(string path, string body, string reason)
    {
        await IsProblem(await Send(HttpMethod.Post, path, Json(body)), 400, reason);

        Assert.Null(Service.LastOperation);
    }

    [Fact]
    public async Task A_command_in_another_type_does_nothing()
    {
        var form = new FormUrlEncodedContent([new("to", "app2")]);

        await IsProblem(await Send(HttpMethod.Post, "/switchover", form), 415, "media-type");

        Assert.Null(Service.LastOperation);
    }

    [Fact]
    public async Task A_rebalance_needs_no_body_and_is_refused_when_there_is_nothing_to_do()
    {
        await Send(HttpMethod.Post, "/rebalance");
        Assert.Equal(new Operation.Rebalance(), Service.LastOperation);

        Service.Refusal = new Refusal(RefusalReason.Conflict, "the primaries are spread evenly");
        await IsProblem(await Send(HttpMethod.Post, "/rebalance"), 409, "conflict");
    }

    [Fact]
    public async Task Maintenance_is_switched_on_and_off_by_node()
    {
        await Send(HttpMethod.Post, "/maintenance/app2");
        Assert.Equal(new Operation.SetMaintenance(new NodeId("app2"), true), Service.LastOperation);

        await Send(HttpMethod.Delete, "/maintenance/app2");
        Assert.Equal(new Operation.SetMaintenance(new NodeId("app2"), false), Service.LastOperation);
    }

    [Fact]
    public async Task A_node_is_given_a_vote_and_loses_it()
    {
        await Send(HttpMethod.Put, "/voters/app3");
        Assert.Equal(new Operation.SetVoter(new NodeId("app3"), true), Service.LastOperation);

        await Send(HttpMethod.Delete, "/voters/app3");
        Assert.Equal(new Operation.SetVoter(new NodeId("app3"), false), Service.LastOperation);
    }

    [Theory]
    [InlineData(nameof(RefusalReason.Conflict), 409, "conflict")]
    [InlineData(nameof(RefusalReason.UnknownNode), 404, "unknown-node")]
    public async Task A_refused_change_of_voters_says_why(string refused, int status, string reason)
    {
        Service.Refusal = new Refusal(Enum.Parse<RefusalReason>(refused), "app1 is the only voter");

        await IsProblem(await Send(HttpMethod.Delete, "/voters/app1"), status, reason);
    }

    [Fact]
    public async Task Pause_and_resume()
    {
        await Send(HttpMethod.Post, "/pause");
        Assert.Equal(new Operation.SetPaused(true), Service.LastOperation);

        await Send(HttpMethod.Post, "/resume");
        Assert.Equal(new Operation.SetPaused(false), Service.LastOperation);
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_command()
    {
        var foreign = await Send(HttpMethod.Post, "/pause", null, ("Origin", "http://evil.example"));

        await IsProblem(foreign, 403, "cross-site");
        Assert.Null(Service.LastOperation);

        var own = await Send(HttpMethod.Post, "/pause", null, ("Origin", Front.Url.GetLeftPart(UriPartial.Authority)));

        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }
}

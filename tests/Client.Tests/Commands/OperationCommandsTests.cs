namespace Failover.Client.Tests.Commands;

public sealed class OperationCommandsTests
{
    private const string Done = """{"version":8,"epoch":4,"primary":"app2","message":"app2 is primary now"}""";

    [Theory]
    [InlineData("POST", "/switchover", "{}", "switchover")]
    [InlineData("POST", "/switchover", """{"to":"app2"}""", "switchover", "--to", "app2")]
    [InlineData("POST", "/failover", "{}", "failover")]
    [InlineData("POST", "/failover", """{"acceptDataLoss":true}""", "failover", "--accept-data-loss")]
    [InlineData("POST", "/maintenance/app1", "", "maintenance", "enable", "app1")]
    [InlineData("DELETE", "/maintenance/app1", "", "maintenance", "disable", "app1")]
    [InlineData("POST", "/rebalance", "", "rebalance")]
    [InlineData("PUT", "/voters/app1", "", "voters", "add", "app1")]
    [InlineData("DELETE", "/voters/app1", "", "voters", "remove", "app1")]
    [InlineData("POST", "/pause", "", "pause")]
    [InlineData("POST", "/resume", "", "resume")]
    public async Task An_operation_is_one_request(string method, string path, string body, params string[] arguments)
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Done));

        (await CommandRun.AgainstAsync(node, arguments)).Succeeds("app2 is primary now (primary app2, epoch 4)\n");

        var request = node.TheRequest;
        Assert.Equal((method, path, body), (request.Method, request.Target, request.Body));
    }

    [Fact]
    public async Task The_voters_are_listed_a_line_each()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"version":8,"voters":["app1","app2","monitor1"],"former":[],"majority":2}""")
        );

        (await CommandRun.AgainstAsync(node, "voters", "list")).Succeeds("app1\napp2\nmonitor1\n");
        Assert.Equal("/voters", node.TheRequest.Target);
    }

    [Fact]
    public async Task A_change_of_voters_that_is_not_over_is_told()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"version":8,"voters":["app1"],"former":["app1","app2"],"majority":1}""")
        );

        (await CommandRun.AgainstAsync(node, "voters", "list")).Succeeds(
            "app1\nthe list is changing: a majority of the former one (app1, app2) is needed, too\n"
        );
    }

    [Fact]
    public async Task What_the_nodes_sentence_says_is_not_said_twice()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(
                """{"version":8,"epoch":4,"primary":"app2","message":"app2 is primary of partition 0 in epoch 4"}"""
            )
        );

        (await CommandRun.AgainstAsync(node, "switchover")).Succeeds("app2 is primary of partition 0 in epoch 4\n");
    }

    [Fact]
    public async Task A_refusal_is_told_in_its_own_words()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Problem(409, "app2 lacks 3 acknowledged writes; add acceptDataLoss to promote it", "conflict")
        );

        (await CommandRun.AgainstAsync(node, "failover")).Fails(
            "app2 lacks 3 acknowledged writes; add acceptDataLoss to promote it"
        );
    }

    [Fact]
    public async Task A_refusal_without_words_is_told_by_its_status()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Empty(500));

        (await CommandRun.AgainstAsync(node, "pause")).Fails($"{node.Endpoint} answered HTTP 500");
    }
}

namespace Failover.Client.Tests.Pbm;

/// <summary>What of <c>cluster</c> goes through a node's inspection port, which the node's HTTP tells.</summary>
public sealed class ClusterCommandTests : IAsyncLifetime
{
    /// <summary>Those of app1 and app2.</summary>
    private FakePbm[] _ports = [];
    private FakeNode _http = null!;

    public async Task InitializeAsync()
    {
        _ports = [Port("app1"), Port("app2")];
        _http = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(
                $$"""
                {"formation":null,"version":1,"paused":false,"monitor":null,"self":"app1","nodes":[
                 {"node":"app1","roles":["data"],"address":"akka.tcp://failover@127.0.0.1:1","http":null,"pbm":"{{_ports[
                    0
                ].Address}}",
                  "status":"up","reachability":"reachable","heartbeatAgeMs":null,"maintenance":false,"version":null,"replicas":[]},
                 {"node":"app2","roles":["data"],"address":"akka.tcp://failover@127.0.0.1:2","http":null,"pbm":"{{_ports[
                    1
                ].Address}}",
                  "status":"up","reachability":"reachable","heartbeatAgeMs":null,"maintenance":false,"version":null,"replicas":[]},
                 {"node":"app3","roles":["data"],"address":null,"http":null,
                  "status":"unknown","reachability":"unknown","heartbeatAgeMs":null,"maintenance":false,"version":null,"replicas":[]}],
                 "partitions":[]}
                """
            )
        );
    }

    public async Task DisposeAsync()
    {
        await _http.DisposeAsync();
        foreach (var port in _ports)
            await port.DisposeAsync();
    }

    [Theory]
    [InlineData("cluster tail", "app1 was asked: cluster tail")]
    [InlineData("cluster leave", "app1 was asked: cluster leave")]
    [InlineData("cluster leave app2", "app2 was asked: cluster leave")]
    [InlineData("cluster down app2", "app1 was asked: cluster down akka.tcp://failover@127.0.0.1:2")]
    [InlineData("cluster down app1", "app2 was asked: cluster down akka.tcp://failover@127.0.0.1:1")]
    [InlineData(
        "cluster down akka.tcp://failover@127.0.0.1:7",
        "app1 was asked: cluster down akka.tcp://failover@127.0.0.1:7"
    )]
    [InlineData("cluster down-unreachable", "app1 was asked: cluster down-unreachable")]
    [InlineData("pbm --node app2 cluster show", "app2 was asked: cluster show")]
    public async Task The_right_node_is_asked(string command, string expected) =>
        (await CommandRun.AgainstAsync(_http, command.Split(' '))).Succeeds(expected + "\n");

    [Theory]
    [InlineData("cluster leave app9", "there is no node 'app9'; there are app1, app2, app3")]
    [InlineData("cluster leave app3", "the pbm port of app3 is not known")]
    [InlineData("cluster down app3", "the address of app3 is not known")]
    public async Task A_node_that_cannot_be_asked_is_said(string command, string expected) =>
        (await CommandRun.AgainstAsync(_http, command.Split(' '))).Fails(expected);

    [Fact]
    public async Task Which_of_several_nodes_shall_leave_must_be_said()
    {
        var run = await CommandRun.AgainstAsync(_http, "cluster", "leave", "--endpoint", "http://127.0.0.1:9");

        Assert.Equal(("failover: name the node that shall leave\n", 2), (run.Error, run.ExitCode));
        Assert.All(_ports, port => Assert.Empty(port.Requests));
    }

    private static FakePbm Port(string node) => new(request => $"{node} was asked: {request}\n.\n");
}

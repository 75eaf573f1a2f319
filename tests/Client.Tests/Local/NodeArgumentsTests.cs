using Failover.Client.Local;

namespace Failover.Client.Tests.Local;

public sealed class NodeArgumentsTests
{
    private static readonly NodeProgram Program = new("/dotnet", "/bin/Failover.Node.dll", "/bin/hocon");

    private static readonly FormationDocument Formation = new()
    {
        Nodes =
        [
            new("monitor1", ["monitor"], "http://127.0.0.1:8080", null, 4001, 9110),
            new("app1", ["data"], "http://127.0.0.1:8081", null, 4002),
            new("app2", ["data"], "http://127.0.0.1:8082", null, 4003),
        ],
        Partitions = 2,
        Settings = ["failover.http.port=1", "failover.replication.durability=memory"],
    };

    [Fact]
    public void A_data_node_gets_its_place_in_the_formation_and_the_users_settings_last()
    {
        Assert.Equal(
            [
                "/bin/Failover.Node.dll",
                "--config",
                "/bin/hocon/app.conf",
                "--set",
                "failover.node=app1",
                "--set",
                "failover.data-dir=\"/d/app1\"",
                "--set",
                "failover.http.port=8081",
                "--set",
                "akka.remote.dot-netty.tcp.port=4002",
                "--set",
                """failover.voters=["monitor1","app1","app2"]""",
                "--set",
                """akka.cluster.seed-nodes=["akka.tcp://failover@127.0.0.1:4001","akka.tcp://failover@127.0.0.1:4002","akka.tcp://failover@127.0.0.1:4003"]""",
                "--set",
                "failover.pbm.port=0",
                "--set",
                "failover.partitions=2",
                "--set",
                "failover.http.port=1",
                "--set",
                "failover.replication.durability=memory",
            ],
            Build("app1", "/d/app1")
        );
    }

    [Fact]
    public void A_monitor_gets_the_monitors_configuration()
    {
        var arguments = Build("monitor1", "/d/monitor1");

        Assert.Contains("/bin/hocon/monitor.conf", arguments);
        Assert.Contains("failover.pbm.port=9110", arguments);
    }

    [Fact]
    public void A_directory_with_odd_characters_is_still_one_value()
    {
        Assert.Contains("failover.data-dir=\"/a b/\\\"c\\\"#/app1\"", Build("app1", "/a b/\"c\"#/app1"));
    }

    [Theory]
    [InlineData("akka.remote.dot-netty.tcp.enable-ssl=on", "akka.ssl.tcp")]
    [InlineData("akka.remote.dot-netty.tcp.enable-ssl = true", "akka.ssl.tcp")]
    [InlineData("akka.remote.dot-netty.tcp.enable-ssl=off", "akka.tcp")]
    public void The_seed_nodes_have_the_scheme_of_tls_when_it_is_on(string setting, string scheme)
    {
        var formation = Formation with { Settings = [setting] };

        var arguments = NodeArguments.Build(Program, formation, formation.Find("app1")!, "/d");

        Assert.Contains(
            arguments,
            each => each.StartsWith($"akka.cluster.seed-nodes=[\"{scheme}://", StringComparison.Ordinal)
        );
    }

    private static IReadOnlyList<string> Build(string node, string directory) =>
        NodeArguments.Build(Program, Formation, Formation.Find(node)!, directory);
}

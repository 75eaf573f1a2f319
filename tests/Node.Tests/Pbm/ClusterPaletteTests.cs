using Akka.Cluster;

namespace Failover.Node.Tests.Pbm;

public sealed class ClusterPaletteTests : PbmTests
{
    [Fact]
    public async Task Members_are_shown_as_pbm_shows_them()
    {
        await Up();
        var client = await Connect();

        Assert.Equal(
            [$"{Address} | [data, monitor] | up |  | 1.2.3", "Count: 1 node", "."],
            await client.Ask("cluster show")
        );
        Assert.Equal([$"{Address} | [data, monitor] | up |  | 1.2.3", "."], await client.Ask("cluster status"));
        Assert.Equal([Address, "."], await client.Ask("cluster leader"));
    }

    [Fact]
    public async Task A_node_of_no_cluster_shows_nobody_and_joins_once()
    {
        var client = await Connect();
        var tail = await Connect();

        Assert.Equal(["Count: 0 nodes", "."], await client.Ask("cluster show"));
        Assert.Equal([$"{Address} | [data, monitor] | removed |  | 1.2.3", "."], await client.Ask("cluster status"));
        Assert.Equal([".! the cluster has no leader now"], await client.Ask("cluster leader"));
        Assert.Equal([$".! {Address} is not a member of a cluster"], await client.Ask("cluster leave"));

        await tail.Send("cluster tail\n");
        Assert.Equal("Count: 0 nodes", await tail.Line());
        Assert.Equal([$"{Address} asks {Address} to let it in", "."], await client.Ask($"cluster join {Address}"));
        await tail.LineWith($" {Address} | [data, monitor] | up |  | 1.2.3");
        Assert.Equal([$".! {Address} is a member of a cluster already"], await client.Ask($"cluster join {Address}"));
    }

    [Fact]
    public async Task A_dead_member_is_unreachable_until_it_is_declared_down()
    {
        await Up();
        var client = await Connect();
        var tail = await Connect();
        await tail.Send("cluster tail\n");
        var other = StartSystem();
        var dead = AddressOf(other);

        Cluster.Get(other).Join(Cluster.Get(System).SelfAddress);
        await tail.LineWith($" {dead} | [data, monitor] | up |  | 1.2.3");
        await Crash(other);
        await tail.LineWith($" {dead} | [data, monitor] | up | unreachable | 1.2.3");

        Assert.Contains($"{dead} | [data, monitor] | up | unreachable | 1.2.3", await client.Ask("cluster show"));
        Assert.Equal([$"{dead} is declared down", "Count: 1 node", "."], await client.Ask("cluster down-unreachable"));
        await tail.LineWith($" {dead} | [data, monitor] | removed |");
        Assert.Equal(["Count: 0 nodes", "."], await client.Ask("cluster down-unreachable"));
        Assert.Equal([$".! {dead} is not a member of this cluster"], await client.Ask($"cluster down {dead}"));
    }

    [Fact]
    public async Task A_member_that_is_declared_down_by_its_address_is_removed()
    {
        await Up();
        var client = await Connect();
        var tail = await Connect();
        await tail.Send("cluster tail\n");
        var other = StartSystem();
        Cluster.Get(other).Join(Cluster.Get(System).SelfAddress);
        await tail.LineWith($" {AddressOf(other)} | [data, monitor] | up |");

        var answer = await client.Ask($"cluster down -a {AddressOf(other)}");

        Assert.Equal([$"{AddressOf(other)} is declared down", "."], answer);
        await tail.LineWith($" {AddressOf(other)} | [data, monitor] | removed |");
    }

    [Fact]
    public async Task A_node_told_to_leave_leaves()
    {
        await Up();
        var client = await Connect();
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Get(System).RegisterOnMemberRemoved(removed.SetResult);

        Assert.Equal([$"{Address} leaves", "."], await client.Ask("cluster leave"));

        await removed.Task.WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("cluster down", "exactly one address is needed")]
    [InlineData("cluster down -a", "exactly one address is needed")]
    [InlineData("cluster down a b", "exactly one address is needed")]
    [InlineData("cluster down here", "'here' is not an address such as akka.tcp://failover@127.0.0.1:4053")]
    [InlineData(
        "cluster join akka.tcp://other@127.0.0.1:1",
        "akka.tcp://other@127.0.0.1:1 is not of an actor system 'pbm'"
    )]
    [InlineData("cluster show all", "'all' is not expected here")]
    [InlineData("cluster tail all", "'all' is not expected here")]
    [InlineData(
        "cluster",
        "'cluster' needs a command: show, status, leader, tail, join, leave, down, down-unreachable"
    )]
    [InlineData(
        "cluster shwo",
        "palette 'cluster' has no command 'shwo'; it has show, status, leader, tail, join, leave, down, down-unreachable"
    )]
    [InlineData("clutser", "there is no palette 'clutser'; there are cluster, actor, log")]
    public async Task What_cannot_be_done_is_said_in_one_line_and_the_session_goes_on(string request, string reason)
    {
        var client = await Connect();

        Assert.Equal([".! " + reason], await client.Ask(request));
        Assert.Equal(["Count: 0 nodes", "."], await client.Ask("cluster show"));
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Event;
using Failover.Messages;
using Failover.Node.Configuration;
using Failover.Node.Pbm;

namespace Failover.Node.Tests.Pbm;

public sealed class PbmSessionTests : PbmTests
{
    private protected override PbmOptions Options =>
        new()
        {
            Node = "app1",
            MaxSessions = 9,
            WriteTimeout = TimeSpan.FromSeconds(1),
        };

    [Fact]
    public async Task The_commands_are_downloaded_from_the_server()
    {
        var client = await Connect();

        Assert.Equal(
            [
                "cluster\tshow\t\tall members",
                "cluster\tstatus\t\tthis node",
                "cluster\tleader\t\tthe member that lets others in",
                "cluster\ttail\t\tall members, then every change as it happens",
                "cluster\tjoin\tADDRESS\tmake this node, a member of no cluster yet, join that one's",
                "cluster\tleave\t\tmake this node leave; its process ends",
                "cluster\tdown\tADDRESS\tdeclare a member dead",
                "cluster\tdown-unreachable\t\tdeclare all unreachable members dead",
                "actor\tsystem\t\tthe actor system",
                "actor\thierarchy\t[-d DEPTH] [-s PATH]\tthe paths of the actors that answer, from PATH (/user) down to DEPTH levels below it",
                "log\ttail\t[debug|info|warning|error]\twhat is logged from now on, of that level or above",
                ".",
            ],
            await client.Ask("palettes")
        );
    }

    [Theory]
    [InlineData("GET /cluster HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\n\r\ncluster leave\n")]
    [InlineData("*1\r\n$4\r\nPING\r\n")]
    public async Task Who_speaks_another_protocol_is_told_so_and_heard_no_further(string text)
    {
        var client = await Connect();

        await client.Send(text);

        Assert.Equal(".! this is not a request of pbm; ask for 'palettes'", await client.Line());
        Assert.Null(await client.Line());
    }

    [Theory]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x0A }, "a request is one line of plain text")]
    [InlineData(new byte[] { 0xC3, 0x28, 0x0A }, "a request is text in UTF-8")]
    public async Task What_is_no_text_ends_the_session(byte[] bytes, string reason)
    {
        var client = await Connect();

        await client.Send(bytes);

        Assert.Equal(".! " + reason, await client.Line());
        Assert.Null(await client.Line());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public async Task A_line_that_is_too_long_ends_the_session_before_it_has_ended(string end)
    {
        var client = await Connect();

        await client.Send(new string('x', PbmWire.MaxRequest + 1) + end);

        Assert.Equal($".! a request has at most {PbmWire.MaxRequest} bytes", await client.Line());
        client.EndSending();
        Assert.Null(await client.Line());
    }

    [Fact]
    public async Task The_longest_line_is_a_request()
    {
        var client = await Connect();
        var word = new string('x', PbmWire.MaxRequest);

        Assert.Equal([$".! there is no palette '{word}'; there are cluster, actor, log"], await client.Ask(word));
    }

    [Fact]
    public async Task Requests_may_come_in_one_piece_and_in_many()
    {
        var client = await Connect();

        await client.Send("\r\n  cluster   leader \r\nnix\nstop\nact");
        await client.Send("or");
        await client.Send("\ncluster show");
        client.EndSending();

        Assert.Equal(
            [
                ".! the cluster has no leader now",
                ".! there is no palette 'nix'; there are cluster, actor, log",
                ".! 'actor' needs a command: system, hierarchy",
                null,
            ],
            new List<string?> { await client.Line(), await client.Line(), await client.Line(), await client.Line() }
        );
    }

    [Fact]
    public async Task Any_request_ends_a_tail_and_is_answered_next()
    {
        var client = await Connect();

        await client.Send("log tail error\ncluster leader\n");
        var tail = await client.Answer();

        Assert.Equal(".", tail[^1]);
        Assert.Equal([".! the cluster has no leader now"], await client.Answer());
        Assert.Equal(["Count: 0 nodes", "."], await client.Ask("cluster show"));
    }

    [Fact]
    public async Task A_line_that_begins_with_a_dot_is_marked_and_an_endless_one_is_cut()
    {
        await using var stream = new MemoryStream();
        var wire = new PbmWire(stream, TimeSpan.FromSeconds(1));

        await wire.WriteLine(".", CancellationToken.None);
        await wire.WriteLine(".! no", CancellationToken.None);
        await wire.WriteLine(new string('x', PbmWire.MaxLine + 1), CancellationToken.None);
        await wire.Done(CancellationToken.None);

        Assert.Equal($"..\n..! no\n{new string('x', PbmWire.MaxLine)}\n.\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task Sessions_do_not_wait_for_each_other()
    {
        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Connect()));
        await sessions[0].Send("cluster tail\n");
        await sessions[0].LineWith("Count");

        await Task.WhenAll(
            sessions
                .Skip(1)
                .Select(async session =>
                {
                    for (var i = 0; i < 50; i++)
                        Assert.Equal(["Count: 0 nodes", "."], await session.Ask("cluster show"));
                })
        );
    }

    [Fact]
    public async Task One_session_too_many_is_turned_away_until_another_has_left()
    {
        var sessions = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => Connect()));

        var (tooMany, first) = await PbmClient.Connect(Host.EndPoint);
        using (tooMany)
        {
            Assert.Equal(".! there are 9 sessions already", first);
            Assert.Null(await tooMany.Line());
        }

        sessions[0].EndSending();
        Assert.Null(await sessions[0].Line());
        await Connect();
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_does_not_read_loses_its_session_and_nobody_else_notices()
    {
        var deaf = await Connect();
        await deaf.Send("log tail\n");
        await deaf.LineWith("log from");
        var ended = System.ActorSelection("/user/pbm-log-tail-1").ResolveOne(TimeSpan.FromSeconds(10));
        var gone = (await ended).WatchAsync();
        var healthy = await Connect();

        // Enough to fill what the kernel holds for one who does not read.
        var text = new string('x', 8 << 10);
        while (!gone.IsCompleted)
        {
            for (var i = 0; i < 100; i++)
                System.EventStream.Publish(new Info("me", typeof(string), text));
            Assert.Equal(["Count: 0 nodes", "."], await healthy.Ask("cluster show"));
        }

        Assert.True(await gone);
    }

    [Fact]
    public async Task When_the_node_stops_sessions_end_and_the_port_is_free()
    {
        var client = await Connect();
        await client.Send("cluster tail\n");
        await client.LineWith("Count");

        await Host.DisposeAsync();

        Assert.Null(await client.Line());
        using var again = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await again.ConnectAsync(Host.EndPoint));
    }

    [Fact]
    public void A_port_or_address_that_cannot_be_had_is_one_clear_line()
    {
        var port = Host.EndPoint.Port;

        Assert.Equal(
            $"pbm port {port} on 127.0.0.1 cannot be used: Address already in use",
            Assert.Throws<SettingsException>(() => PbmHost.Listen(Settings("127.0.0.1", port), System)).Message
        );
        Assert.Equal(
            "failover.pbm.host must be an IP address, not \"somewhere\"",
            Assert.Throws<SettingsException>(() => PbmHost.Listen(Settings("somewhere", 0), System)).Message
        );
    }

    [Fact]
    public async Task A_node_that_listens_everywhere_says_an_address_that_can_be_connected_to()
    {
        await using var everywhere = new PbmHost(
            new PbmOptions { Node = "app1", Host = IPAddress.Any },
            System,
            TimeProvider.System
        );

        Assert.Equal($"127.0.0.1:{everywhere.EndPoint.Port}", everywhere.Announced);
        Assert.Equal($"127.0.0.1:{Host.EndPoint.Port}", Host.Announced);
    }

    [Fact]
    public void Other_nodes_are_told_where_the_port_is()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)System);
        var self = new NodeInfo(new("app1"), new(3), ["data"], Address, "", "127.0.0.1", 1, "1.2.3")
        {
            Pbm = Host.Announced,
        };
        var told = new Introduction(self, AnswerWanted: true);

        var heard = serializer.FromBinary(serializer.ToBinary(told), serializer.Manifest(told));

        Assert.Equal(Host.Announced, Assert.IsType<Introduction>(heard).Node.Pbm);
    }

    private static NodeSettings Settings(string host, int port) =>
        NodeSettings.From(
            ConfigurationLoader.Load(
                null,
                [
                    "failover.node=app1",
                    "failover.voters=[app1]",
                    "failover.data-dir=unused",
                    "akka.cluster.roles=[data]",
                    $"failover.pbm.host={host}",
                    $"failover.pbm.port={port}",
                ]
            )
        );
}

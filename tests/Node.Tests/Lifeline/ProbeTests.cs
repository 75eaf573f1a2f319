using System.Net;
using System.Net.Sockets;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Messages;
using Failover.Node.Lifeline;

namespace Failover.Node.Tests.Lifeline;

/// <summary>Both ends of the connection that heartbeats travel on, over real sockets.</summary>
public sealed class ProbeTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly NodeId App1 = new("app1");
    private static readonly Incarnation First = new(1);
    private static readonly ProbeFrame Ack = new ProbeFrame.HeartbeatAck(App1, Instant.Zero, [], null, null);
    private static readonly ProbeFrame Beat = new ProbeFrame.Heartbeat(
        new NodeReport(App1, First, null, 0, false, []),
        Instant.Zero,
        NextWithin: null
    );

    private readonly LifelineLoop _loop = new("test-lifeline", _ => { });
    private readonly TestProbe _here;
    private readonly TestProbe _there;

    public ProbeTests()
        : base("akka.loglevel = WARNING")
    {
        _here = CreateTestProbe();
        _there = CreateTestProbe();
    }

    [Fact]
    public void Frames_travel_both_ways()
    {
        using var listener = Listening();
        using var dialer = Dialling(listener.Port);
        Expect(ProbeState.Connected);

        Assert.True(dialer.TrySend(ProbeCodec.Encode(Beat)));
        _there.ExpectMsg<FrameReceived>().Reply(Ack);

        Assert.IsType<ProbeFrame.HeartbeatAck>(_here.ExpectMsg<FrameReceived>().Frame);
    }

    [Fact]
    public void A_process_that_ends_is_lost_and_then_refused_and_found_again_when_it_is_back()
    {
        var listener = Listening();
        using var dialer = Dialling(listener.Port);
        Expect(ProbeState.Connected);

        listener.Dispose();
        Expect(ProbeState.Lost);
        Expect(ProbeState.Refused);
        Assert.False(dialer.TrySend(ProbeCodec.Encode(Beat)));

        using var again = new ProbeListener(IPAddress.Loopback, listener.Port, _there, _loop);
        again.Start();
        _here.FishForMessage(m => m is ProbeChanged { State: ProbeState.Connected });
    }

    [Fact]
    public void Where_nobody_listens_the_connection_is_refused()
    {
        // Bound, so that nobody else can take the port; not listening, so that the kernel refuses.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        using var dialer = Dialling(((IPEndPoint)taken.LocalEndPoint!).Port);

        Expect(ProbeState.Refused);
        Assert.False(dialer.TrySend(ProbeCodec.Encode(Beat)));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\xff\xff\xff\xff")]
    [InlineData("\0\0\0\u0002\xff\xff")]
    public async Task Who_speaks_another_protocol_is_hung_up_on_and_the_others_are_not(string garbage)
    {
        using var listener = Listening();
        using var dialer = Dialling(listener.Port);
        Expect(ProbeState.Connected);
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(IPAddress.Loopback, listener.Port);

        await stranger.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(garbage));

        _there.ExpectMsg<ProbeGarbage>();
        // Closed, or reset because not all was read.
        var end = await Record.ExceptionAsync(async () =>
            Assert.Equal(0, await stranger.GetStream().ReadAsync(new byte[1]))
        );
        Assert.True(end is null or IOException, $"{end}");
        Assert.True(dialer.TrySend(ProbeCodec.Encode(Beat)));
        _there.ExpectMsg<FrameReceived>();
    }

    [Fact]
    public async Task Connections_that_are_reset_the_moment_they_are_made_do_not_take_the_dialler_along()
    {
        using var dying = new TcpListener(IPAddress.Loopback, 0);
        dying.Start();
        using var dialer = Dialling(((IPEndPoint)dying.LocalEndpoint).Port, retryEvery: TimeSpan.Zero);

        // As a process does that is killed while it is dialled: a reset, at whatever instant of the dialler's.
        for (var i = 0; i < 300; i++)
        {
            using var reset = await dying.AcceptSocketAsync();
            reset.LingerState = new LingerOption(true, 0);
        }

        using var held = await dying.AcceptTcpClientAsync();
        await held.GetStream().WriteAsync(ProbeCodec.Encode(Ack));
        _here.FishForMessage(m => m is FrameReceived { Frame: ProbeFrame.HeartbeatAck });
    }

    [Fact]
    public async Task A_process_whose_port_still_answers_while_it_dies_is_dialled_again_soon()
    {
        using var dying = new TcpListener(IPAddress.Loopback, 0);
        dying.Start();
        using var dialer = Dialling(((IPEndPoint)dying.LocalEndpoint).Port, retryEvery: TimeSpan.FromMinutes(1));
        // The kernel closes what the process had open one after the other, the listening socket not always first.
        (await dying.AcceptSocketAsync()).Dispose();
        (await dying.AcceptSocketAsync()).Dispose();
        dying.Stop();

        _here.FishForMessage(m => m is ProbeChanged { State: ProbeState.Refused });
    }

    [Fact]
    public async Task Who_accepts_and_hangs_up_is_dialled_no_more_often_than_who_refuses()
    {
        using var dying = new TcpListener(IPAddress.Loopback, 0);
        dying.Start();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var pace = TimeSpan.FromMilliseconds(20);

        using var dialer = Dialling(((IPEndPoint)dying.LocalEndpoint).Port, pace);
        var hangUps = 0;
        var hangingUp = Task.Run(async () =>
        {
            for (; ; Interlocked.Increment(ref hangUps))
                (await dying.AcceptSocketAsync()).Dispose();
        });
        // The same pace, as a clock: the tenth refusal comes after nine pauses.
        using var refused = new ProbeDialer(
            new NodeInfo(new NodeId("app2"), First, [], "akka://test", "", "127.0.0.1", PortOf(taken), "1"),
            _there,
            _loop,
            pace
        );
        refused.Start();
        for (var i = 0; i < 10; i++)
            _there.ExpectMsg<ProbeChanged>();

        Assert.InRange(Volatile.Read(ref hangUps), 0, 40);
        dialer.Dispose();
        dying.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => hangingUp);
    }

    [Fact]
    public async Task A_peer_that_floods_does_not_keep_the_others_from_being_heard()
    {
        using var listener = Listening();
        using var dialer = Dialling(listener.Port);
        Expect(ProbeState.Connected);
        using var flooding = new TcpClient();
        await flooding.ConnectAsync(IPAddress.Loopback, listener.Port);
        var flood = Enumerable.Repeat(ProbeCodec.Encode(Ack), 1000).SelectMany(frame => frame).ToArray();
        using var stop = new CancellationTokenSource();
        var endless = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await flooding.GetStream().WriteAsync(flood);
        });
        _there.FishForMessage(m => m is FrameReceived { Frame: ProbeFrame.HeartbeatAck });

        Assert.True(dialer.TrySend(ProbeCodec.Encode(Beat)));

        _there.FishForMessage(m => m is FrameReceived { Frame: ProbeFrame.Heartbeat });
        await stop.CancelAsync();
        await endless;
    }

    [Fact]
    public async Task A_peer_that_does_not_read_gets_whole_frames_when_it_reads_again()
    {
        using var stuck = new TcpListener(IPAddress.Loopback, 0);
        stuck.Server.ReceiveBufferSize = 4096;
        stuck.Start();
        using var dialer = Dialling(((IPEndPoint)stuck.LocalEndpoint).Port);
        using var peer = await stuck.AcceptTcpClientAsync();
        Expect(ProbeState.Connected);
        var frame = ProbeCodec.Encode(
            new ProbeFrame.Heartbeat(
                new NodeReport(App1, First, null, 0, false, Troubled(50_000)),
                Instant.Zero,
                NextWithin: null
            )
        );

        var sent = 0;
        while (dialer.TrySend(frame))
            sent++;
        Assert.False(dialer.TrySend(frame));
        Assert.True(sent > 0);

        var read = new byte[frame.Length];
        for (var i = 0; i < sent; i++)
        {
            // What is left of the last frame goes ahead of the next one.
            if (i == sent - 1)
                Assert.True(SpinWait.SpinUntil(() => dialer.TrySend(frame), TimeSpan.FromSeconds(20)));
            await peer.GetStream().ReadExactlyAsync(read);
            Assert.Equal(frame, read);
        }
    }

    [Fact]
    public async Task A_dialled_port_that_speaks_another_protocol_is_lost()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var dialer = Dialling(((IPEndPoint)other.LocalEndpoint).Port);
        using var client = await other.AcceptTcpClientAsync();
        Expect(ProbeState.Connected);

        await client.GetStream().WriteAsync("SSH-2.0-OpenSSH\r\n"u8.ToArray());

        _here.ExpectMsg<ProbeGarbage>();
        Expect(ProbeState.Lost);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Frames_may_come_in_pieces_and_several_at_once(int pieceBytes)
    {
        using var listener = Listening();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, listener.Port);
        var twice = ProbeCodec.Encode(Beat).Concat(ProbeCodec.Encode(Ack)).ToArray();

        foreach (var piece in twice.Chunk(pieceBytes))
            await client.GetStream().WriteAsync(piece);

        Assert.IsType<ProbeFrame.Heartbeat>(_there.ExpectMsg<FrameReceived>().Frame);
        Assert.IsType<ProbeFrame.HeartbeatAck>(_there.ExpectMsg<FrameReceived>().Frame);
    }

    [Fact]
    public void A_dialer_that_is_disposed_says_no_more()
    {
        using var listener = Listening();
        var dialer = Dialling(listener.Port);
        Expect(ProbeState.Connected);

        dialer.Dispose();
        // The other end sees it at once; a frame sent by another dialer proves that this one was done before.
        using var second = Dialling(listener.Port);
        Expect(ProbeState.Connected);

        Assert.False(dialer.TrySend(ProbeCodec.Encode(Beat)));
        _here.ExpectNoMsg(TimeSpan.Zero);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _loop.Dispose();
    }

    private ProbeListener Listening()
    {
        var listener = new ProbeListener(IPAddress.Loopback, 0, _there, _loop);
        listener.Start();
        return listener;
    }

    private ProbeDialer Dialling(int port, TimeSpan? retryEvery = null)
    {
        var dialer = new ProbeDialer(
            new NodeInfo(App1, First, [], "akka://test", "", "127.0.0.1", port, "1"),
            _here,
            _loop,
            retryEvery
        );
        dialer.Start();
        return dialer;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>A report that is as long as its reason is.</summary>
    private static System.Collections.Immutable.ImmutableArray<ReplicaReport> Troubled(int bytes) =>
        [
            new ReplicaReport(
                new(0),
                new ReplicaId(App1, new DataId(Guid.Empty)),
                ReplicaRole.Standby,
                new Epoch(1),
                Position.Zero,
                0,
                Released: false,
                TimeSpan.Zero,
                new string('x', bytes)
            ),
        ];

    private void Expect(ProbeState state) => _here.ExpectMsg(new ProbeChanged(App1, First, state));
}

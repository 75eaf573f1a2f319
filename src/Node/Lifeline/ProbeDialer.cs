using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Failover.Core.Detection;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>
/// Keeps one plain connection to another node's probe port. When the kernel closes it and the port then refuses a new
/// one, the process is gone: its host is there to say so.
/// </summary>
/// <remarks>
/// Connecting may take a second, so it has a thread of its own while there is no connection; the connection itself belongs to
/// the loop. A connection that has lasted is replaced at once; attempts that fail after that come further and further apart, up to
/// <c>retryEvery</c>: a process that dies may still accept for an instant, and one that accepts and hangs up must not be dialled without a pause.
/// </remarks>
internal sealed class ProbeDialer : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstRetryIn = TimeSpan.FromMilliseconds(2);

    private readonly NodeInfo _peer;
    private readonly IActorRef _receiver;
    private readonly LifelineLoop _loop;
    private readonly TimeSpan _retryEvery;
    private readonly IPEndPoint _endpoint;
    private readonly ManualResetEventSlim _stopped = new();
    private volatile ProbeConnection? _connection;
    private long _connectedAt;

    /// <summary>Before the next attempt. The dialling thread's while there is one, the loop's while there is a connection.</summary>
    private TimeSpan _pause;

    public ProbeDialer(NodeInfo peer, IActorRef receiver, LifelineLoop loop, TimeSpan? retryEvery = null)
    {
        _peer = peer;
        _receiver = receiver;
        _loop = loop;
        _retryEvery = retryEvery ?? RetryEvery;
        _endpoint = new IPEndPoint(IPAddress.Parse(peer.ProbeHost), peer.ProbePort);
    }

    public NodeInfo Peer => _peer;

    public void Start() => Dial();

    /// <param name="frame">As <see cref="ProbeCodec.Encode"/> gives it: the same bytes go to every peer.</param>
    /// <returns>False if the frame was not sent.</returns>
    public bool TrySend(byte[] frame) => !_stopped.IsSet && _connection is { } connection && connection.TrySend(frame);

    public void Dispose()
    {
        _stopped.Set();
        _loop.Post(() => _connection?.Close());
    }

    private void Dial() => LifelineThread.Start($"probe-{_peer.Node}", ConnectWithPatience);

    private void ConnectWithPatience()
    {
        while (!_stopped.Wait(_pause))
        {
            var (socket, refused) = Connect();
            if (socket is not null)
            {
                _loop.Post(() => OnConnected(socket));
                return;
            }

            if (refused)
                Report(ProbeState.Refused);
            _pause = refused ? _retryEvery : Longer(_pause);
        }
    }

    private TimeSpan Longer(TimeSpan pause)
    {
        var longer = pause == TimeSpan.Zero ? FirstRetryIn : pause * 2;
        return longer < _retryEvery ? longer : _retryEvery;
    }

    private void OnConnected(Socket socket)
    {
        if (_stopped.IsSet)
        {
            socket.Dispose();
            return;
        }

        _connectedAt = Stopwatch.GetTimestamp();
        _connection = new ProbeConnection(_loop, socket, _receiver, OnEnded);
        Report(ProbeState.Connected);
    }

    private void OnEnded(ProbeConnection ended)
    {
        _connection = null;
        if (_stopped.IsSet)
            return;
        Report(ProbeState.Lost);
        _pause = Stopwatch.GetElapsedTime(_connectedAt) < _retryEvery ? Longer(_pause) : TimeSpan.Zero;
        Dial();
    }

    /// <summary>A connection attempt that never takes longer than <see cref="ConnectTimeout"/>, on this thread.</summary>
    /// <remarks>
    /// The kernel keeps the time (SO_SNDTIMEO), so that no timer and no thread of the pool has a part in it.
    /// </remarks>
    private (Socket? Socket, bool Refused) Connect()
    {
        var socket = new Socket(_endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendTimeout = (int)ConnectTimeout.TotalMilliseconds,
        };
        try
        {
            socket.Connect(_endpoint);
            // The kernel may choose the very port that is dialled as the one to dial from, if nobody listens there:
            // then TCP connects the socket with itself, and a process that is gone would seem to be there for ever.
            // A peer that dies in this very moment leaves a socket that is connected to nothing and knows no end of its own.
            if (socket.LocalEndPoint is not { } local)
                throw new SocketException((int)SocketError.ConnectionReset);
            if (local.Equals(socket.RemoteEndPoint))
                throw new SocketException((int)SocketError.ConnectionRefused);
            return (socket, false);
        }
        catch (Exception failed)
            when (failed is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            socket.Dispose();
            return (null, failed is SocketException { SocketErrorCode: SocketError.ConnectionRefused });
        }
    }

    private void Report(ProbeState state) =>
        _receiver.Tell(new ProbeChanged(_peer.Node, _peer.Incarnation, state), ActorRefs.NoSender);
}

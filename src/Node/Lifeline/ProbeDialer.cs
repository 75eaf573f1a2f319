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
internal sealed class ProbeDialer : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(100);

    private readonly NodeInfo _peer;
    private readonly IActorRef _receiver;
    private readonly IPEndPoint _endpoint;
    private readonly ManualResetEventSlim _stopped = new();
    private volatile ProbeConnection? _connection;

    public ProbeDialer(NodeInfo peer, IActorRef receiver)
    {
        _peer = peer;
        _receiver = receiver;
        _endpoint = new IPEndPoint(IPAddress.Parse(peer.ProbeHost), peer.ProbePort);
    }

    public NodeInfo Peer => _peer;

    public void Start() => ProbeThread.Start($"probe-{_peer.Node}", Run);

    /// <param name="frame">As <see cref="ProbeCodec.Encode"/> gives it: the same bytes go to every peer.</param>
    /// <returns>False if the frame was not sent.</returns>
    public bool TrySend(byte[] frame) => _connection?.TrySend(frame) ?? false;

    public void Dispose()
    {
        _stopped.Set();
        _connection?.Dispose();
    }

    private void Run()
    {
        while (!_stopped.IsSet)
        {
            var (socket, refused) = Connect();
            if (socket is null)
            {
                if (refused)
                    Report(ProbeState.Refused);
                _stopped.Wait(RetryEvery);
                continue;
            }

            using var connection = new ProbeConnection(socket);
            _connection = connection;
            if (_stopped.IsSet)
                return;
            Report(ProbeState.Connected);
            ReadUntilClosed(connection);
            _connection = null;
            if (!_stopped.IsSet)
                Report(ProbeState.Lost);
        }
    }

    private void ReadUntilClosed(ProbeConnection connection)
    {
        try
        {
            while (connection.Read() is { } frame)
                _receiver.Tell(new FrameReceived(frame, reply => connection.TrySend(reply)), ActorRefs.NoSender);
        }
        catch (InvalidDataException garbage)
        {
            _receiver.Tell(new ProbeGarbage(garbage.Message), ActorRefs.NoSender);
        }
    }

    /// <summary>A connection attempt that never takes longer than <see cref="ConnectTimeout"/>, on this thread.</summary>
    /// <remarks>
    /// The kernel keeps the time (SO_SNDTIMEO). A socket that was ever made non-blocking for .NET stays so: each later
    /// <c>Receive</c> on it would be woken by way of the event thread and the pool, and no longer by the frame itself.
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

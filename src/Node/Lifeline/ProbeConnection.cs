using System.Buffers.Binary;
using System.Net.Sockets;
using Akka.Actor;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>
/// One probe connection: whole frames in, whole frames out. It is read when the loop says that there is something; writing
/// never blocks, a frame that the kernel has no room for is dropped, since the next heartbeat says it better.
/// </summary>
/// <remarks>Any thread may send; all else happens on the loop's.</remarks>
internal sealed class ProbeConnection
{
    private readonly LifelineLoop _loop;
    private readonly Socket _socket;
    private readonly IActorRef _receiver;
    private readonly Action<ProbeConnection> _ended;
    private readonly Func<ProbeFrame, bool> _reply;
    private readonly Lock _writing = new();
    private ReadOnlyMemory<byte> _unsent;
    private byte[] _buffer = new byte[512];
    private int _filled;

    /// <param name="receiver">Told of each frame, and of what is none.</param>
    /// <param name="ended">Called when the peer has ended the connection or does not speak this protocol.</param>
    public ProbeConnection(LifelineLoop loop, Socket socket, IActorRef receiver, Action<ProbeConnection> ended)
    {
        _loop = loop;
        _socket = socket;
        _receiver = receiver;
        _ended = ended;
        _reply = frame => TrySend(ProbeCodec.Encode(frame));
        // For good: then .NET asks the kernel directly. One that is made blocking again would go through its event thread.
        socket.Blocking = false;
        loop.Watch(socket, OnReadable);
    }

    /// <param name="frame">As <see cref="ProbeCodec.Encode"/> gives it.</param>
    /// <returns>False if the frame was not sent.</returns>
    public bool TrySend(byte[] frame)
    {
        lock (_writing)
        {
            try
            {
                // The rest of a frame that found too little room comes first, or the peer could not read on.
                _unsent = _unsent[Send(_unsent.Span)..];
                if (!_unsent.IsEmpty)
                    return false;
                var sent = Send(frame);
                if (sent > 0)
                    _unsent = frame.AsMemory(sent);
                return sent > 0;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public void Close()
    {
        _loop.Unwatch(_socket);
        _socket.Dispose();
    }

    private int Send(ReadOnlySpan<byte> bytes) =>
        // Whatever keeps it from being sent, the reading side sees the same end, and tells.
        bytes.IsEmpty
            ? 0
            : _socket.Send(bytes, SocketFlags.None, out _);

    private void OnReadable()
    {
        if (TryRead())
            return;
        Close();
        _ended(this);
    }

    /// <summary>Reads once, however much there is: a peer that floods takes no more than its turn.</summary>
    /// <returns>False when the connection is over.</returns>
    private bool TryRead()
    {
        if (_filled == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = _socket.Receive(_buffer.AsSpan(_filled), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return true;
        _filled += read;
        try
        {
            TellFrames();
            return read > 0;
        }
        catch (InvalidDataException garbage)
        {
            _receiver.Tell(new ProbeGarbage(garbage.Message), ActorRefs.NoSender);
            return false;
        }
    }

    /// <exception cref="InvalidDataException">The peer does not speak this protocol.</exception>
    private void TellFrames()
    {
        var told = 0;
        while (_filled - told >= ProbeCodec.HeaderBytes)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(told));
            if (length is < 0 or > ProbeCodec.MaxFrameBytes)
                throw new InvalidDataException($"a probe frame of {length} bytes");
            var end = told + ProbeCodec.HeaderBytes + length;
            if (end > _filled)
                break;
            var frame = ProbeCodec.Decode(_buffer.AsSpan((told + ProbeCodec.HeaderBytes)..end));
            _receiver.Tell(new FrameReceived(frame, _reply), ActorRefs.NoSender);
            told = end;
        }

        _buffer.AsSpan(told.._filled).CopyTo(_buffer);
        _filled -= told;
    }
}

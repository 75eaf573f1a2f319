using System.Buffers.Binary;
using System.Net.Sockets;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>
/// One probe connection: whole frames in, whole frames out. Reading blocks a thread of its own; writing never blocks,
/// a frame that the kernel has no room for is dropped, since the next heartbeat says it better.
/// </summary>
internal sealed class ProbeConnection(Socket socket) : IDisposable
{
    private readonly Lock _writing = new();
    private byte[] _buffer = new byte[512];
    private int _filled;

    /// <returns>False if the frame was not sent.</returns>
    public bool TrySend(ProbeFrame frame) => TrySend(ProbeCodec.Encode(frame));

    /// <param name="bytes">A frame as <see cref="ProbeCodec.Encode"/> gives it.</param>
    /// <inheritdoc cref="TrySend(ProbeFrame)"/>
    public bool TrySend(byte[] bytes)
    {
        lock (_writing)
        {
            try
            {
                return socket.Poll(0, SelectMode.SelectWrite) && socket.Send(bytes) == bytes.Length;
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The reader of this connection sees the same end, and tells.
                return false;
            }
        }
    }

    /// <summary>The next frame; null when the connection is over, for whatever reason.</summary>
    /// <exception cref="InvalidDataException">The peer does not speak this protocol.</exception>
    public ProbeFrame? Read()
    {
        if (!Fill(ProbeCodec.HeaderBytes))
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer);
        if (length is < 0 or > ProbeCodec.MaxFrameBytes)
            throw new InvalidDataException($"a probe frame of {length} bytes");
        var whole = ProbeCodec.HeaderBytes + length;
        if (!Fill(whole))
            return null;
        var frame = ProbeCodec.Decode(_buffer.AsSpan(ProbeCodec.HeaderBytes, length));
        _buffer.AsSpan(whole.._filled).CopyTo(_buffer);
        _filled -= whole;
        return frame;
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Has at least that many bytes in the buffer, and what came with them: a whole frame is one system call.</summary>
    private bool Fill(int wanted)
    {
        if (wanted > _buffer.Length)
            Array.Resize(ref _buffer, wanted);
        try
        {
            while (_filled < wanted)
            {
                var read = socket.Receive(_buffer.AsSpan(_filled));
                if (read == 0)
                    return false;
                _filled += read;
            }

            return true;
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}

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
    private readonly byte[] _header = new byte[ProbeCodec.HeaderBytes];

    /// <returns>False if the frame was not sent.</returns>
    public bool TrySend(ProbeFrame frame)
    {
        var bytes = ProbeCodec.Encode(frame);
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
        if (!Fill(_header))
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(_header);
        if (length is < 0 or > ProbeCodec.MaxFrameBytes)
            throw new InvalidDataException($"a probe frame of {length} bytes");
        var body = new byte[length];
        return Fill(body) ? ProbeCodec.Decode(body) : null;
    }

    public void Dispose() => socket.Dispose();

    private bool Fill(Span<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = socket.Receive(buffer);
                if (read == 0)
                    return false;
                buffer = buffer[read..];
            }

            return true;
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}

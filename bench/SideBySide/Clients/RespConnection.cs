using System.Net;
using System.Net.Sockets;

namespace Failover.Bench.SideBySide.Clients;

/// <summary>A connection to a Redis server or a Sentinel, made when it is needed, and anew after an error. One owner.</summary>
internal sealed class RespConnection(int port) : IDisposable
{
    private Socket? _socket;
    private byte[] _buffer = new byte[4096];
    private int _filled;

    /// <summary>Sends commands in one piece and waits for all of their replies.</summary>
    /// <exception cref="IOException">No connection, or it ended.</exception>
    public async Task<RespReply[]> Send(ReadOnlyMemory<byte> commands, int replies, CancellationToken cancellation)
    {
        try
        {
            var socket = await Connected(cancellation).ConfigureAwait(false);
            await socket.SendAsync(commands, cancellation).ConfigureAwait(false);
            var received = new RespReply[replies];
            for (var i = 0; i < replies; i++)
                received[i] = await Receive(socket, cancellation).ConfigureAwait(false);
            return received;
        }
        catch (Exception failed)
        {
            // A reply that comes later would be taken for that of the next command.
            Dispose();
            if (failed is SocketException)
                throw new IOException(failed.Message, failed);
            throw;
        }
    }

    public async Task<RespReply> Send(string[] command, CancellationToken cancellation) =>
        (await Send(Resp.Command(command), 1, cancellation).ConfigureAwait(false))[0];

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
        _filled = 0;
    }

    private async ValueTask<Socket> Connected(CancellationToken cancellation)
    {
        if (_socket is not null)
            return _socket;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation).ConfigureAwait(false);
        return _socket;
    }

    private async ValueTask<RespReply> Receive(Socket socket, CancellationToken cancellation)
    {
        while (true)
        {
            if (TakeReply() is { } reply)
                return reply;
            if (_filled == _buffer.Length)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            var count = await socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellation).ConfigureAwait(false);
            if (count == 0)
                throw new IOException("the server closed the connection");
            _filled += count;
        }
    }

    private RespReply? TakeReply()
    {
        ReadOnlySpan<byte> received = _buffer.AsSpan(0, _filled);
        var reply = Resp.TakeReply(ref received);
        if (reply is null)
            return null;
        received.CopyTo(_buffer);
        _filled = received.Length;
        return reply;
    }
}

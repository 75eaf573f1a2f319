using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>Somebody who connects to a system's port and says what he likes.</summary>
internal sealed class Stranger : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        // Gone at once when closed: ten thousand must not use up the machine's ports.
        LingerState = new LingerOption(true, 0),
        NoDelay = true,
    };

    private Stranger() { }

    public static async Task<Stranger> ConnectAsync(int port)
    {
        var stranger = new Stranger();
        await stranger._socket.ConnectAsync(IPAddress.Loopback, port);
        return stranger;
    }

    /// <summary>Introduces himself as that incarnation of a system.</summary>
    public Task SayHelloAsync(Lane lane, Address self, int uid, Address target)
    {
        var frames = new FrameWriter();
        Handshake.WriteHello(frames, lane, self, uid, target);
        return SayAsync(frames.Written);
    }

    public async Task SayAsync(ReadOnlyMemory<byte> bytes) => await _socket.SendAsync(bytes);

    /// <summary>The kind of the next frame that comes; null when the connection is closed instead.</summary>
    public async Task<FrameKind?> AnswerAsync()
    {
        var start = new byte[5];
        for (var read = 0; read < start.Length; )
        {
            try
            {
                var more = await _socket.ReceiveAsync(start.AsMemory(read)).AsTask().WaitAsync(Patience);
                if (more == 0)
                    return null;
                read += more;
            }
            catch (SocketException)
            {
                return null;
            }
        }

        return (FrameKind)start[4];
    }

    public void Dispose() => _socket.Dispose();
}

using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Remote;

namespace Failover.RemoteFuzz;

/// <summary>One connection of somebody who means harm.</summary>
internal sealed class Attacker : IAsyncDisposable
{
    private readonly FuzzSystems _systems;
    private readonly Stream _stream;

    private Attacker(FuzzSystems systems, Stream stream) => (_systems, _stream) = (systems, stream);

    /// <summary>How many frames, or pieces that are none, it has sent.</summary>
    public long Frames { get; private set; }

    /// <param name="systems">Whom it attacks.</param>
    /// <param name="certificate">When it is inside of TLS.</param>
    public static async Task<Attacker> ConnectAsync(FuzzSystems systems, Tls? certificate)
    {
        var port = FuzzSystems.AddressOf(systems.Victim).Port!.Value;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            LingerState = new LingerOption(true, 0),
            NoDelay = true,
        };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (certificate is not null)
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                stream = await certificate.ConnectAsync(stream, "127.0.0.1", limit.Token).ConfigureAwait(false);
            }

            return new Attacker(systems, stream);
        }
        catch (Exception e) when (e is SocketException or AuthenticationException or OperationCanceledException)
        {
            socket.Dispose();
            throw new IOException("not let in", e);
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Frames++;
        await _stream.WriteAsync(bytes).ConfigureAwait(false);
    }

    public async Task SendSlowlyAsync(ReadOnlyMemory<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
            await SendAsync(bytes.Slice(i, 1)).ConfigureAwait(false);
    }

    /// <summary>Introduces itself as a system and waits for the answer.</summary>
    public async Task SayHelloAsync(Lane lane, ActorSystem self)
    {
        await SendAsync(Hello(lane, FuzzSystems.AddressOf(self), FuzzSystems.RemotingOf(self).Uid))
            .ConfigureAwait(false);
        await ListenAsync(1).ConfigureAwait(false);
    }

    public byte[] Hello(Lane lane, Address self, int uid)
    {
        var frames = new FrameWriter();
        Handshake.WriteHello(frames, lane, self, uid, FuzzSystems.AddressOf(_systems.Victim));
        return frames.Written.ToArray();
    }

    /// <summary>Waits until so many bytes have come or the connection is closed.</summary>
    public async Task ListenAsync(int bytes, int patienceMs = 2_000)
    {
        using var limit = new CancellationTokenSource(patienceMs);
        var buffer = new byte[1024];
        try
        {
            while (bytes > 0 && await _stream.ReadAsync(buffer, limit.Token).ConfigureAwait(false) is var read and > 0)
                bytes -= read;
        }
        catch (OperationCanceledException)
        {
            // It has said enough.
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}

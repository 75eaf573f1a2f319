using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Failover.Node.Lifeline;

/// <summary>Accepts the other nodes' probe connections; each is read by a thread of its own.</summary>
internal sealed class ProbeListener : IDisposable
{
    private readonly Socket _listener;
    private readonly IActorRef _receiver;
    private readonly HashSet<ProbeConnection> _open = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <exception cref="SocketException">The port cannot be had.</exception>
    public ProbeListener(IPAddress host, int port, IActorRef receiver)
    {
        _receiver = receiver;
        _listener = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(host, port));
        _listener.Listen(128);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Start() => ProbeThread.Start("probe-accept", Accept);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _listener.Dispose();
            foreach (var connection in _open)
                connection.Dispose();
        }
    }

    private void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                if (_disposed)
                    return;
                continue;
            }

            socket.NoDelay = true;
            var connection = new ProbeConnection(socket);
            lock (_gate)
            {
                if (_disposed)
                {
                    connection.Dispose();
                    return;
                }

                _open.Add(connection);
            }

            ProbeThread.Start("probe-in", () => Serve(connection));
        }
    }

    private void Serve(ProbeConnection connection)
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
        finally
        {
            lock (_gate)
                _open.Remove(connection);
            connection.Dispose();
        }
    }
}

/// <summary>Somebody who does not speak the probe's protocol connected; the connection was closed.</summary>
internal sealed record ProbeGarbage(string What);

/// <summary>Threads of the probe: few, mostly asleep, and ahead of everything else when they wake.</summary>
internal static class ProbeThread
{
    public static void Start(string name, ThreadStart body) =>
        new Thread(body, 256 << 10)
        {
            IsBackground = true,
            Name = name,
            Priority = ThreadPriority.AboveNormal,
        }.Start();
}

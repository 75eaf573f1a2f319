using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Failover.Node.Lifeline;

/// <summary>Accepts the other nodes' probe connections.</summary>
internal sealed class ProbeListener : IDisposable
{
    private readonly LifelineLoop _loop;
    private readonly Socket _listener;
    private readonly IActorRef _receiver;
    private readonly HashSet<ProbeConnection> _open = [];

    /// <exception cref="SocketException">The port cannot be had.</exception>
    public ProbeListener(IPAddress host, int port, IActorRef receiver, LifelineLoop loop)
    {
        _loop = loop;
        _receiver = receiver;
        _listener = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(host, port));
        _listener.Listen(128);
        _listener.Blocking = false;
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Start() => _loop.Post(() => _loop.Watch(_listener, Accept));

    /// <summary>When it returns, the port is free.</summary>
    public void Dispose() =>
        _loop.Run(() =>
        {
            _loop.Unwatch(_listener);
            _listener.Dispose();
            foreach (var connection in _open)
                connection.Close();
            _open.Clear();
        });

    private void Accept()
    {
        Socket? socket = null;
        try
        {
            socket = _listener.Accept();
            socket.NoDelay = true;
            _open.Add(new ProbeConnection(_loop, socket, _receiver, ended => _open.Remove(ended)));
        }
        catch (SocketException)
        {
            socket?.Dispose();
            // Whoever connected has gone again, or there are too many open files; those who are there go on.
        }
    }
}

/// <summary>Somebody who does not speak the probe's protocol connected; the connection was closed.</summary>
internal sealed record ProbeGarbage(string What);

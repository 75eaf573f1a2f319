using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Akka.Remote;

/// <summary>Makes and accepts connections, with TLS where configured.</summary>
internal sealed class TcpSockets(RemotingSettings settings)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Tls? _tls = settings.Ssl is { } ssl ? new Tls(ssl) : null;
    private Socket? _listener;
    private volatile bool _stopped;

    /// <summary>The host name that stands for where this listens.</summary>
    public string ListensOn =>
        settings.Hostname is { Length: > 0 } name and not ("0.0.0.0" or "::") ? name : Dns.GetHostName();

    /// <summary>Where this listens; 0 before it does.</summary>
    public int Port { get; private set; }

    public void Listen()
    {
        var endpoint = new IPEndPoint(Resolve(settings.Hostname), settings.Port);
        var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endpoint);
            listener.Listen(settings.Backlog);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new RemoteTransportException($"Cannot listen on {endpoint}: {e.Message}", e);
        }

        _listener = listener;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    /// <param name="warn">Told what hinders; it is tried again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The next one who connects; null when this listens no longer.</returns>
    public async Task<Socket?> AcceptAsync(Action<string> warn, CancellationToken cancellation)
    {
        while (!_stopped)
        {
            try
            {
                var socket = await _listener!.AcceptAsync(cancellation).ConfigureAwait(false);
                Tune(socket);
                return socket;
            }
            catch (Exception e) when (_stopped || e is ObjectDisposedException or OperationCanceledException)
            {
                return null;
            }
            catch (SocketException e)
                when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // Gone before it was accepted; the next one may not be.
            }
            catch (SocketException e)
            {
                // Too many open files, for example: others may close some.
                warn($"Cannot accept connections: {e.Message}");
                await Task.Delay(PauseAfterFailure, CancellationToken.None).ConfigureAwait(false);
            }
        }

        return null;
    }

    public void StopListening()
    {
        _stopped = true;
        _listener?.Dispose();
    }

    public async Task<Stream> ConnectAsync(Address address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Tune(socket);
            await socket.ConnectAsync(address.Host!, address.Port ?? 0, cancellation).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return _tls is null
                ? stream
                : await _tls.ConnectAsync(stream, address.Host!, cancellation).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<Stream> WrapInboundAsync(Socket socket, CancellationToken cancellation)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (_tls is null)
            return stream;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(settings.ConnectTimeout);
        return await _tls.AcceptAsync(stream, limit.Token).ConfigureAwait(false);
    }

    private static IPAddress Resolve(string host)
    {
        if (host.Length == 0)
            return IPAddress.Any;
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return address;
        try
        {
            var all = Dns.GetHostAddresses(host);
            return all.FirstOrDefault(static each => each.AddressFamily == AddressFamily.InterNetwork) ?? all[0];
        }
        catch (SocketException e)
        {
            throw new RemoteTransportException(
                $"Cannot resolve akka.remote.dot-netty.tcp.hostname [{host}]: {e.Message}",
                e
            );
        }
    }

    private void Tune(Socket socket)
    {
        socket.NoDelay = settings.NoDelay;
        if (settings.KeepAlive)
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        if (settings.SendBufferSize > 0)
            socket.SendBufferSize = settings.SendBufferSize;
        if (settings.ReceiveBufferSize > 0)
            socket.ReceiveBufferSize = settings.ReceiveBufferSize;
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>Makes and accepts connections, with TLS where configured.</summary>
internal sealed class TcpSockets(RemotingSettings settings)
{
    private readonly X509Certificate2? _certificate = LoadCertificate(settings);
    private Socket? _listener;

    /// <summary>The host name that stands for where this listens.</summary>
    public string ListensOn =>
        settings.Hostname is { Length: > 0 } name and not ("0.0.0.0" or "::") ? name : Dns.GetHostName();

    /// <returns>The port.</returns>
    public int Listen()
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
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    /// <returns>The next one who connects; null when this listens no longer.</returns>
    public async Task<Socket?> AcceptAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var socket = await _listener!.AcceptAsync(cancellation).ConfigureAwait(false);
                Tune(socket);
                return socket;
            }
            catch (SocketException e)
                when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // Gone before it was accepted; the next one may not be.
                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return null;
            }
        }
    }

    public void StopListening() => _listener?.Dispose();

    public async Task<Stream> ConnectAsync(Address address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Tune(socket);
            await socket.ConnectAsync(address.Host!, address.Port ?? 0, cancellation).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (!settings.EnableSsl)
                return stream;
            var secured = new SslStream(stream, leaveInnerStreamOpen: false, Validate);
            var options = new SslClientAuthenticationOptions { TargetHost = address.Host };
            if (_certificate is not null)
                options.ClientCertificates = [_certificate];
            await secured.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return secured;
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
        if (!settings.EnableSsl)
            return stream;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(settings.ConnectTimeout);
        var secured = new SslStream(stream, leaveInnerStreamOpen: false, Validate);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateRequired = settings.RequireMutualAuthentication,
        };
        await secured.AuthenticateAsServerAsync(options, limit.Token).ConfigureAwait(false);
        return secured;
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

    private static X509Certificate2? LoadCertificate(RemotingSettings settings)
    {
        if (!settings.EnableSsl)
            return null;
        if (settings.CertificatePath.Length == 0)
            throw new ConfigurationException(
                "akka.remote.dot-netty.tcp.ssl.certificate.path is needed with enable-ssl"
            );
        return X509CertificateLoader.LoadPkcs12FromFile(settings.CertificatePath, settings.CertificatePassword);
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (settings.SuppressValidation)
            return true;
        // Who connects is a system of ours, but its certificate names another host than the one it connects from.
        if (sender is SslStream { IsServer: true })
        {
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
            if (!settings.RequireMutualAuthentication)
                errors &= ~SslPolicyErrors.RemoteCertificateNotAvailable;
        }

        return errors == SslPolicyErrors.None;
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

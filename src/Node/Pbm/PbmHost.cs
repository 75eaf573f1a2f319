using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Failover.Node.Configuration;

namespace Failover.Node.Pbm;

/// <summary>Listens for inspection sessions, on a port of its own. <c>docs/pbm.md</c> describes what is spoken there.</summary>
internal sealed class PbmHost : IAsyncDisposable
{
    private readonly PbmOptions _options;
    private readonly Socket _listener;
    private readonly PbmPalettes _palettes;
    private readonly ILoggingAdapter _log;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Socket, Task> _sessions = new();
    private Task _accepting = Task.CompletedTask;

    /// <summary>Takes the port; clients are answered from <see cref="Start"/> on.</summary>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public PbmHost(PbmOptions options, ActorSystem system, TimeProvider time)
    {
        _options = options;
        _log = system.Log;
        _palettes = new PbmPalettes([
            .. new ClusterPalette(system, time).Commands,
            .. new ActorPalette(system, time).Commands,
            .. new LogPalette(system).Commands,
        ]);
        _listener = new Socket(options.Host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(new IPEndPoint(options.Host, options.Port));
            _listener.Listen(16);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        // "Any address" is nowhere to connect to; the one that the actors are reached at is.
        var isAny = options.Host.Equals(IPAddress.Any) || options.Host.Equals(IPAddress.IPv6Any);
        Announced = isAny ? $"{Cluster.Get(system).SelfAddress.Host}:{EndPoint.Port}" : EndPoint.ToString();
    }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The same for other nodes to tell their clients.</summary>
    public string Announced { get; }

    /// <exception cref="SettingsException">The address or the port cannot be had.</exception>
    public static PbmHost Listen(NodeSettings settings, ActorSystem system)
    {
        if (!IPAddress.TryParse(settings.PbmHost, out var address))
            throw new SettingsException($"failover.pbm.host must be an IP address, not \"{settings.PbmHost}\"");
        var options = new PbmOptions
        {
            Node = settings.Node.Value,
            Host = address,
            Port = settings.PbmPort,
        };
        try
        {
            return new PbmHost(options, system, TimeProvider.System);
        }
        catch (SocketException failed)
        {
            throw new SettingsException(
                $"pbm port {settings.PbmPort} on {settings.PbmHost} cannot be used: {failed.Message}"
            );
        }
    }

    public void Start() => _accepting = Accept();

    /// <summary>Ends all sessions and gives the port back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_sessions.Values).ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_closing.Token).ConfigureAwait(false);
                if (_sessions.Count >= _options.MaxSessions)
                    TurnAway(socket);
                else
                    Admit(socket);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failed)
            {
                // The client may have gone before it was accepted; or there are no more file descriptors, and then
                // trying again at once would only burn a processor.
                _log.Warning("pbm: a connection could not be accepted: {0}", failed.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Admit(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sessions[socket] = Serve(socket, begin.Task);
        begin.SetResult();
    }

    private async Task Serve(Socket socket, Task begin)
    {
        // It removes itself from the list, so it must be in there first.
        await begin.ConfigureAwait(false);
        try
        {
            await new PbmSession(socket, _options, _palettes, _log).Run(_closing.Token).ConfigureAwait(false);
        }
        catch (Exception gone)
            when (gone is OperationCanceledException or IOException or SocketException or TimeoutException)
        {
            _log.Debug("pbm: a session ended: {0}", gone.Message);
        }
        catch (Exception failed)
        {
            _log.Error(failed, "pbm: a session failed");
        }
        finally
        {
            _sessions.TryRemove(socket, out _);
            socket.Dispose();
        }
    }

    // The send buffer of a new connection is empty: one line goes into it without waiting.
    private void TurnAway(Socket socket)
    {
        using (socket)
        {
            socket.Send(Encoding.UTF8.GetBytes($".! there are {_options.MaxSessions} sessions already\n"));
            socket.Shutdown(SocketShutdown.Send);
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>Stands before a system's port: can hold back what goes in, lose it, and break connections.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _open = Opened();
    private long _holdsBackAfter = long.MaxValue;
    private volatile bool _swallows;

    public Relay()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The port that the connections are led to.</summary>
    public int Target { get; set; }

    /// <summary>How many bytes a connection may carry in before it is broken; asked for each connection.</summary>
    public Func<long> BreaksAfter { get; set; } = static () => long.MaxValue;

    /// <summary>From now on a connection carries so many bytes in, and then none for a while.</summary>
    public void HoldBackAfter(long bytes)
    {
        _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _holdsBackAfter, bytes);
    }

    /// <summary>Holds nothing back any more.</summary>
    public void Release()
    {
        Volatile.Write(ref _holdsBackAfter, long.MaxValue);
        _open.TrySetResult();
    }

    /// <summary>The connections stay open, and nothing arrives on either side: a machine that was switched off.</summary>
    public void Swallow(bool swallows) => _swallows = swallows;

    /// <summary>Breaks the connections that stand.</summary>
    public void Cut()
    {
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Release();
        Cut();
        await _accepting;
        _stopping.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        var relayed = new List<Task>();
        try
        {
            while (true)
                relayed.Add(RelayAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            Cut();
            await Task.WhenAll(relayed);
        }
    }

    private async Task RelayAsync(Socket from)
    {
        using var to = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (from)
        {
            (_sockets[from], _sockets[to]) = (true, true);
            try
            {
                await to.ConnectAsync(IPAddress.Loopback, Target, _stopping.Token);
                await Task.WhenAny(CopyAsync(from, to, BreaksAfter(), isIn: true), CopyAsync(to, from, 0, isIn: false));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One side is gone: so is the other.
            }

            _sockets.TryRemove(from, out _);
            _sockets.TryRemove(to, out _);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, long limit, bool isIn)
    {
        var buffer = new byte[16 * 1024];
        var copied = 0L;
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is var read and > 0)
            {
                copied += read;
                if (isIn && copied > Volatile.Read(ref _holdsBackAfter))
                    await _open.Task.WaitAsync(_stopping.Token);
                if (isIn && copied > limit)
                    return;
                if (!_swallows)
                    await to.SendAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Its end, as any other.
        }
    }
}

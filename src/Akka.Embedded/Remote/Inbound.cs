using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Why somebody is not let in.</summary>
/// <param name="Text">For the other side, and the log here.</param>
/// <param name="Quarantined">Whether it is given up for good.</param>
internal readonly record struct Refusal(string Text, bool Quarantined = false);

/// <summary>The connections that others make: who is let in, and for how long. May be used from any thread.</summary>
/// <remarks>
/// Anybody who reaches the port can connect. Those who have not said who they are may be so many, and for so long; each
/// system may have so many connections; and who goes silent is closed.
/// </remarks>
internal sealed class Inbound(Remoting remoting)
{
    private const int MostPending = 256;
    private const int MostOfOneSystem = 16;

    private readonly ConcurrentDictionary<InboundConnection, bool> _connections = new();
    private readonly PendingSockets _pending = new(MostPending);
    private readonly LogBudget _lines = new(20, TimeSpan.FromSeconds(1));
    private ICancelable? _sweeps;

    /// <summary>How many have not introduced themselves yet.</summary>
    public int Pending => _pending.Count;

    public async Task AcceptAsync()
    {
        var interval = remoting.Settings.TransportHeartbeatInterval;
        _sweeps = remoting.System.Timeouts.ScheduleRepeatedlyCancelable(interval, interval, CloseSilent);
        while (await remoting.Sockets.AcceptAsync(Warn, remoting.Stopping).ConfigureAwait(false) is { } socket)
            remoting.Track(ServeAsync(socket));
    }

    /// <summary>Why that one may not come in; null when it may. May take a round trip to where it says it is.</summary>
    public async Task<Refusal?> RefusalAsync(Hello hello)
    {
        if (hello.Target != remoting.Address.ToString())
            return Refuse(hello, $"{hello.Target} was to be reached, this is {remoting.Address}");
        if (hello.Lane == Lane.Probe)
            return null;
        var association = remoting.AssociationWith(hello.From);
        if (association.HasGivenUp(hello.Uid))
            return new Refusal($"uid {hello.Uid} is quarantined", Quarantined: true);
        if (!await association.ConfirmAsync(hello.Uid).ConfigureAwait(false))
            return Refuse(hello, $"uid {hello.Uid} does not answer at {hello.From}");
        return _connections.Keys.Count(each => IsFrom(each, hello.From, hello.Uid)) >= MostOfOneSystem
            ? Refuse(hello, $"{MostOfOneSystem} connections stand already")
            : null;
    }

    /// <summary>Closes what comes from an incarnation that is given up.</summary>
    public void CloseFrom(Address address, int uid)
    {
        foreach (var connection in _connections.Keys.Where(each => IsFrom(each, address, uid)))
            connection.Dispose();
    }

    public void Close()
    {
        _sweeps?.Cancel();
        foreach (var connection in _connections.Keys)
            connection.Dispose();
    }

    private async Task ServeAsync(Socket socket)
    {
        var from = socket.RemoteEndPoint?.ToString() ?? "?";
        if (_pending.Enter(socket))
            Warn($"More than {MostPending} connections wait to be introduced: the oldest is closed");
        var introduced = false;
        try
        {
            var stream = await remoting.Sockets.WrapInboundAsync(socket, remoting.Stopping).ConfigureAwait(false);
            using var connection = new InboundConnection(remoting, stream);
            introduced = await connection.IntroduceAsync().ConfigureAwait(false) && _pending.Leave(socket);
            if (introduced)
                await ServeAsync(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Whoever it was has gone.
        }
        catch (Exception e) when (e is ProtocolException or AuthenticationException or OperationCanceledException)
        {
            // One that was closed for having waited the longest has had its line.
            if (introduced || _pending.Leave(socket))
                Warn($"Closing the connection from {from}: {Reason(e)}");
        }
        finally
        {
            _pending.Leave(socket);
            socket.Dispose();
        }
    }

    private async Task ServeAsync(InboundConnection connection)
    {
        var hello = connection.From!;
        var isFirst = hello.Lane == Lane.Control && !HasControl(hello);
        _connections.TryAdd(connection, true);
        if (isFirst)
            remoting.Publish(new AssociatedEvent(remoting.Address, hello.From, true));
        try
        {
            if (!remoting.Stopping.IsCancellationRequested)
                await connection.ServeAsync().ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            // Somebody who poses as a system that is connected comes and goes without a word of it.
            if (hello.Lane == Lane.Control && !HasControl(hello))
                remoting.Publish(new DisassociatedEvent(remoting.Address, hello.From, true));
        }
    }

    private void CloseSilent()
    {
        foreach (var connection in _connections.Keys)
        {
            // Every system sends heartbeats on its control lane; where that has gone, messages come no more.
            var isDead =
                connection.From!.Lane == Lane.Control
                    ? connection.Silence > remoting.Settings.TransportAcceptablePause
                    : connection.Silence > remoting.Settings.TransportHeartbeatInterval && !HasControl(connection.From);
            if (isDead)
                connection.Dispose();
        }
    }

    private string Reason(Exception e) =>
        e is OperationCanceledException ? $"no introduction within {remoting.Settings.ConnectTimeout}" : e.Message;

    private bool HasControl(Hello hello) =>
        _connections.Keys.Any(each => each.From!.Lane == Lane.Control && IsFrom(each, hello.From, hello.Uid));

    private Refusal Refuse(Hello hello, string reason)
    {
        Warn($"Refusing a connection from {hello.From}: {reason}");
        return new Refusal(reason);
    }

    private void Warn(string line)
    {
        if (!remoting.Stopping.IsCancellationRequested && _lines.Spend(out var note))
            remoting.System.Log.Warning("{0}{1}", line, note);
    }

    private static bool IsFrom(InboundConnection connection, Address address, int uid) =>
        connection.From is { } from && from.Uid == uid && from.From.Equals(address);
}

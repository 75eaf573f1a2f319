using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Its connections: made, kept alive, lost, closed.</summary>
internal sealed partial class Association
{
    private ICancelable? _silenceCheck;
    private string? _lastFailure;

    /// <summary>Somebody from there has connected: it is up, so there is no reason to pause.</summary>
    public void SeenAlive()
    {
        if (Gate.Open() && IsNeeded)
            _control.WakeFenced();
    }

    /// <summary>Whether a lane may connect now: messages only follow where control went.</summary>
    public async Task<bool> IsOpenForAsync(Lane lane) =>
        lane == Lane.Control || await _control.EnsureConnectedAsync().ConfigureAwait(false);

    public void Connected(Lane lane)
    {
        if (lane != Lane.Control)
            return;
        Gate.Open();
        _lastFailure = null;
        Heard();
        var interval = Remoting.Settings.TransportHeartbeatInterval;
        var check = System.Timeouts.ScheduleRepeatedlyCancelable(interval, interval, CheckSilence);
        Interlocked.Exchange(ref _silenceCheck, check)?.Cancel();
        Remoting.Publish(new AssociatedEvent(Remoting.Address, Address, false));
    }

    public void CannotConnect(Exception cause)
    {
        var pause = Gate.Close();
        System.Timeouts.Advanced.ScheduleOnce(pause, Retry);
        Disconnect();
        // The same failure again and again, as of a system that is down, is worth one line.
        if (Interlocked.Exchange(ref _lastFailure, cause.Message) != cause.Message)
            Remoting.WarnOfFailure(cause.Message);
        Remoting.Publish(new AssociationErrorEvent(cause, Remoting.Address, Address, false, LogLevel.DebugLevel));
    }

    public void LostConnection(Lane lane)
    {
        if (lane == Lane.Messages)
        {
            _control.Disconnect();
            return;
        }

        Interlocked.Exchange(ref _silenceCheck, null)?.Cancel();
        _messages.Disconnect();
        FencePassed(long.MaxValue);
        Remoting.Publish(new DisassociatedEvent(Remoting.Address, Address, false));
        if (IsNeeded)
            _control.WakeFenced();
    }

    public async Task FlushAsync()
    {
        var messages = _messages.FlushAsync();
        await Task.WhenAny(messages, Task.Delay(Remoting.Settings.FlushWait / 2)).ConfigureAwait(false);
        FencePassed(long.MaxValue);
        await Task.WhenAll(messages, _control.FlushAsync()).ConfigureAwait(false);
    }

    public void Close()
    {
        _control.Close();
        _messages.Close();
        Interlocked.Exchange(ref _silenceCheck, null)?.Cancel();
    }

    private void Disconnect()
    {
        _messages.Disconnect();
        _control.Disconnect();
    }

    private void Retry()
    {
        if (IsNeeded || _control.HasWork)
            _control.WakeFenced();
        if (_messages.HasWork)
            _messages.WakeFenced();
    }

    private void CheckSilence()
    {
        if (Silence <= Remoting.Settings.TransportAcceptablePause)
        {
            SendHeartbeat();
            _messages.PlaceFenceIfUsed();
            return;
        }

        System.Log.Warning("{0} has not answered for {1}: its connections are closed", Address, Silence);
        Disconnect();
    }
}

using System.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>All that this system knows and does about one other address. May be used from any thread.</summary>
/// <remarks>
/// Each system sends over connections that it made itself and reads from those that others made. System messages are
/// numbered and kept until they are acknowledged, so that they survive a broken connection; messages are not.
/// <para>
/// The control lane connects first and stands for the association: its events are the ones that are published. When
/// either lane loses its connection the other's is closed too, so that every loss has one beginning and one end.
/// </para>
/// </remarks>
internal sealed partial class Association
{
    private readonly Lock _lock = new();
    private readonly SystemMessageLog _systemMessages = new();
    private readonly Queue<(long Fence, RemoteSystemMessage Death)> _held = [];
    private readonly HashSet<int> _quarantined = [];
    private readonly OutboundLane _control;
    private readonly OutboundLane _messages;
    private int _uid;
    private volatile bool _isQuarantined;
    private long _lastHeard;
    private long _lastSeen;

    public Association(Remoting remoting, Address address)
    {
        Remoting = remoting;
        Address = address;
        Root = new RootActorPath(address);
        Temp = Root / "temp";
        Gate = new RetryGate(remoting.Settings.LongestRetryPause);
        Watches = new RemoteWatches(this);
        _control = new OutboundLane(this, Lane.Control);
        _messages = new OutboundLane(this, Lane.Messages);
    }

    public Remoting Remoting { get; }

    public ActorSystemImpl System => Remoting.System;

    public Address Address { get; }

    public ActorPath Root { get; }

    /// <summary>Below which the other system's asks have their paths.</summary>
    public ActorPath Temp { get; }

    /// <summary>Whether it may be tried to connect.</summary>
    public RetryGate Gate { get; }

    public RemoteWatches Watches { get; }

    /// <summary>The incarnation that was last heard of; 0 before any.</summary>
    public int Uid
    {
        get
        {
            lock (_lock)
                return _uid;
        }
    }

    public bool IsQuarantined => _isQuarantined;

    /// <summary>Whether somebody waits for this system, so that a lost connection is made again at once.</summary>
    public bool IsNeeded
    {
        get
        {
            lock (_lock)
            {
                if (_isQuarantined)
                    return false;
                if (_systemMessages.Waiting > 0)
                    return true;
            }

            return Watches.WatchesAny;
        }
    }

    /// <summary>How long nothing has come from there on the connections that this side made.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastHeard));

    /// <summary>How long nothing at all has come from there, on whosever connection.</summary>
    public TimeSpan Absence
    {
        get
        {
            var seen = Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSeen));
            return Silence < seen ? Silence : seen;
        }
    }

    public void Heard() => Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());

    /// <summary>Something has come on a connection that was made there.</summary>
    public void Seen(long timestamp) => Volatile.Write(ref _lastSeen, timestamp);

    public void Send(RemoteActorRef recipient, object message, IActorRef? sender)
    {
        if (_isQuarantined)
            Undeliverable(recipient, message, sender);
        else
            (message is IControlMessage ? _control : _messages).Send(recipient, message, sender);
    }

    public void SendHeartbeat() => _control.SendHeartbeat();

    public void SendSystem(RemoteSystemMessage message)
    {
        int waiting;
        lock (_lock)
        {
            if (_isQuarantined)
                return;
            _systemMessages.Add(message);
            waiting = _systemMessages.Waiting;
        }

        if (waiting > Remoting.Settings.SystemMessageLimit)
        {
            System.Log.Error("{0} has not acknowledged {1} system messages: it is given up", Address, waiting);
            Quarantine(Uid);
            return;
        }

        _control.WakeFenced();
    }

    /// <summary>Tells that an actor here has ended, after what it has told there before.</summary>
    /// <param name="death">For who watches it.</param>
    /// <param name="ended">Who has ended; null when that was long ago, or it never was an actor.</param>
    public void SendDeath(RemoteSystemMessage death, ActorCell? ended)
    {
        if (_messages.MayCarryFrom(ended))
        {
            lock (_lock)
                _held.Enqueue((_messages.PlaceFence(), death));
        }
        else
        {
            SendSystem(death);
        }
    }

    /// <summary>All messages before that fence have arrived, or never will.</summary>
    public void FencePassed(long fence)
    {
        _messages.Passed(fence);
        while (true)
        {
            RemoteSystemMessage death;
            lock (_lock)
            {
                if (!_held.TryPeek(out var first) || first.Fence > fence)
                    return;
                death = _held.Dequeue().Death;
            }

            SendSystem(death);
        }
    }

    /// <summary>The first unacknowledged message above <paramref name="sequence"/>; null when there is none.</summary>
    public RemoteSystemMessage? SystemMessageAfter(long sequence)
    {
        lock (_lock)
            return _systemMessages.After(sequence);
    }

    public void Acknowledged(long sequence)
    {
        lock (_lock)
            _systemMessages.Acknowledged(sequence);
    }

    /// <summary>Whether the system message of that number, from the incarnation heard of last, is due.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="uid">Which incarnation sent it.</param>
    /// <param name="deliveredUpTo">What to acknowledge.</param>
    public bool IsNext(long sequence, int uid, out long deliveredUpTo)
    {
        lock (_lock)
        {
            deliveredUpTo = 0;
            return uid == _uid && _systemMessages.IsNext(sequence, out deliveredUpTo);
        }
    }

    public bool HasGivenUp(int uid)
    {
        lock (_lock)
            return _quarantined.Contains(uid);
    }

    /// <summary>
    /// Whether the system at this address is the incarnation <paramref name="uid"/>, as somebody who connected says.
    /// Unless that is known it is asked there: who only claims to be a system must not be able to replace it.
    /// </summary>
    public async Task<bool> ConfirmAsync(int uid)
    {
        if (Uid == uid)
            return true;
        try
        {
            using var probe = await OutboundConnection.OpenAsync(this, Lane.Probe).ConfigureAwait(false);
        }
        catch (RemoteTransportException)
        {
            return false;
        }

        return Uid == uid;
    }

    /// <summary>The system at this address has said which incarnation it is.</summary>
    /// <returns>False when it is one that was given up.</returns>
    public bool Meet(int uid)
    {
        int previous;
        lock (_lock)
        {
            if (_quarantined.Contains(uid))
                return false;
            previous = _uid;
            if (previous == uid)
                return true;
            _uid = uid;
            _isQuarantined = false;
            _systemMessages.Restart(keepWaiting: previous == 0);
            if (previous != 0)
            {
                _held.Clear();
                _quarantined.Add(previous);
            }
        }

        Remoting.Associations.Keep(this);
        if (previous != 0)
        {
            // What was on its way is for the one that is gone, and so is what is watched there.
            System.Log.Info("{0} is a new incarnation; the old one is dead", Address);
            Disconnect();
            Watches.Terminated();
        }

        return true;
    }

    /// <summary>Gives the incarnation <paramref name="uid"/> up (0: whichever it is) until there is a new one.</summary>
    public void Quarantine(int uid)
    {
        lock (_lock)
        {
            var which = uid == 0 ? _uid : uid;
            if (which != 0)
                _quarantined.Add(which);
            if (_isQuarantined || which != _uid && which != 0)
                return;
            _isQuarantined = true;
            _systemMessages.Forget();
            uid = which;
        }

        Remoting.Associations.Keep(this);
        Remoting.Publish(new QuarantinedEvent(Address, uid));
        Disconnect();
        Watches.Terminated();
    }

    public void Undeliverable(IActorRef recipient, object message, IActorRef? sender) =>
        System.DeadLetters.Tell(new DeadLetter(message, sender ?? System.DeadLetters, recipient), sender);
}

using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>All that this system knows and does about one other address. May be used from any thread.</summary>
/// <remarks>
/// Each system sends over a connection that it made itself and reads from those that others made. System messages are
/// numbered and kept until they are acknowledged, so that they survive a broken connection; messages are not.
/// </remarks>
internal sealed class Association
{
    private readonly Lock _lock = new();
    private readonly LinkedList<RemoteSystemMessage> _unacknowledged = [];
    private readonly HashSet<int> _quarantined = [];
    private readonly OutboundLane _lane;
    private long _lastSequence;
    private long _lastDelivered;
    private int _uid;
    private volatile bool _isQuarantined;

    public Association(Remoting remoting, Address address)
    {
        Remoting = remoting;
        Address = address;
        Root = new RootActorPath(address);
        Temp = Root / "temp";
        Watches = new RemoteWatches(this);
        _lane = new OutboundLane(this);
    }

    public Remoting Remoting { get; }

    public ActorSystemImpl System => Remoting.System;

    public Address Address { get; }

    public ActorPath Root { get; }

    /// <summary>Below which the other system's asks have their paths.</summary>
    public ActorPath Temp { get; }

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
                if (_unacknowledged.Count > 0)
                    return true;
            }

            return Watches.WatchesAny;
        }
    }

    public void Send(RemoteActorRef recipient, object message, IActorRef? sender)
    {
        if (_isQuarantined)
            Undeliverable(recipient, message, sender);
        else
            _lane.Send(recipient, message, sender);
    }

    public void SendHeartbeat() => _lane.SendHeartbeat();

    public void SendSystem(RemoteSystemMessage message)
    {
        var overflow = false;
        lock (_lock)
        {
            if (_isQuarantined)
                return;
            message.Sequence = ++_lastSequence;
            _unacknowledged.AddLast(message);
            overflow = _unacknowledged.Count > Remoting.Settings.SystemMessageLimit;
        }

        if (overflow)
        {
            System.Log.Error("Too many unacknowledged system messages for {0}", Address);
            Quarantine(Uid);
            return;
        }

        _lane.WakeFenced();
    }

    /// <summary>The unacknowledged messages above <paramref name="sequence"/>, in order.</summary>
    public RemoteSystemMessage[] SystemMessagesAfter(long sequence)
    {
        lock (_lock)
        {
            if (_unacknowledged.Last is not { } last || last.Value.Sequence <= sequence)
                return [];
            return [.. _unacknowledged.Where(message => message.Sequence > sequence)];
        }
    }

    public void Acknowledged(long sequence)
    {
        lock (_lock)
        {
            while (_unacknowledged.First is { } first && first.Value.Sequence <= sequence)
                _unacknowledged.RemoveFirst();
        }
    }

    /// <summary>Whether the system message of that number, from the incarnation heard of last, is due.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="uid">Which incarnation sent it.</param>
    /// <param name="deliveredUpTo">What to acknowledge.</param>
    public bool IsNext(long sequence, int uid, out long deliveredUpTo)
    {
        lock (_lock)
        {
            var due = uid == _uid && sequence == _lastDelivered + 1;
            if (due)
                _lastDelivered = sequence;
            deliveredUpTo = uid == _uid ? _lastDelivered : 0;
            return due;
        }
    }

    /// <summary>The other side has said which incarnation it is.</summary>
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
            _lastDelivered = 0;
            if (previous != 0)
            {
                // The one they were for is gone; what is watched there is told below.
                _quarantined.Add(previous);
                _unacknowledged.Clear();
                _lastSequence = 0;
            }
        }

        if (previous != 0)
        {
            System.Log.Info("{0} is a new incarnation; the old one is dead", Address);
            _lane.Disconnect();
            Watches.Terminated();
        }

        return true;
    }

    /// <summary>Somebody from there has connected: it is up, so there is no reason to pause.</summary>
    public void SeenAlive() => _lane.EndPause();

    /// <summary>Gives the incarnation <paramref name="uid"/> up (0: whichever it is) until there is a new one.</summary>
    public void Quarantine(int uid)
    {
        lock (_lock)
        {
            var which = uid == 0 ? _uid : uid;
            if (which != _uid && which != 0)
            {
                _quarantined.Add(which);
                return;
            }

            if (_isQuarantined)
                return;
            _isQuarantined = true;
            if (which != 0)
                _quarantined.Add(which);
            _unacknowledged.Clear();
            _lastSequence = 0;
            uid = which;
        }

        Remoting.Publish(new QuarantinedEvent(Address, uid));
        _lane.Disconnect();
        Watches.Terminated();
    }

    public void LostConnection(Exception? cause, bool wasAssociated)
    {
        if (wasAssociated)
            Remoting.Publish(new DisassociatedEvent(Remoting.Address, Address, false));
        else if (cause is not null)
            Remoting.Publish(new AssociationErrorEvent(cause, Remoting.Address, Address, false, LogLevel.DebugLevel));
        if (IsNeeded)
            _lane.WakeFenced();
    }

    public void Undeliverable(IActorRef recipient, object message, IActorRef? sender) =>
        System.DeadLetters.Tell(new DeadLetter(message, sender ?? System.DeadLetters, recipient), sender);

    public Task FlushAsync() => _lane.FlushAsync();

    public void Close() => _lane.Close();
}

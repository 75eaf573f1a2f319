using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Who here watches whom in one other system, and the signs of life of that system meanwhile.</summary>
/// <remarks>May be used from any thread. What it sends, it sends outside of its lock.</remarks>
internal sealed class RemoteWatches(Association association)
{
    private readonly Lock _lock = new();
    private readonly HashSet<(RemoteActorRef Watchee, IInternalActorRef Watcher)> _watching = [];
    private readonly HashSet<(IInternalActorRef Watchee, RemoteActorRef Watcher)> _watchedHere = [];
    private ICancelable? _heartbeats;

    public bool WatchesAny
    {
        get
        {
            lock (_lock)
                return _watching.Count > 0;
        }
    }

    public void Watch(RemoteActorRef watchee, IInternalActorRef watcher)
    {
        if (association.IsQuarantined)
        {
            watcher.SendSystemMessage(new DeathWatchNotification(watchee, false, true));
            return;
        }

        lock (_lock)
        {
            _watching.Add((watchee, watcher));
            StartHeartbeats();
        }

        association.SendSystem(new RemoteSystemMessage(RemoteSystemKind.Watch, watchee, watcher));
    }

    public void Unwatch(RemoteActorRef watchee, IInternalActorRef watcher)
    {
        lock (_lock)
        {
            if (!_watching.Remove((watchee, watcher)))
                return;
            StopHeartbeatsIfIdle();
        }

        association.SendSystem(new RemoteSystemMessage(RemoteSystemKind.Unwatch, watchee, watcher));
    }

    /// <summary>The other system says that <paramref name="ended"/> has ended.</summary>
    public void Ended(IActorRef ended, IInternalActorRef watcher, bool existenceConfirmed, bool addressTerminated)
    {
        RemoteActorRef[] watchees;
        lock (_lock)
        {
            // Whoever watched a path without knowing the incarnation there gets the end of that one.
            watchees =
            [
                .. _watching
                    .Where(watch =>
                        watch.Watcher.Equals(watcher)
                        && watch.Watchee.Path.Equals(ended.Path)
                        && (watch.Watchee.Path.Uid == ended.Path.Uid || watch.Watchee.Path.Uid == 0)
                    )
                    .Select(static watch => watch.Watchee),
            ];
            foreach (var watchee in watchees)
                _watching.Remove((watchee, watcher));
            StopHeartbeatsIfIdle();
        }

        foreach (var watchee in watchees)
            watcher.SendSystemMessage(new DeathWatchNotification(watchee, existenceConfirmed, addressTerminated));
    }

    /// <summary>Somebody there watches an actor here.</summary>
    public void WatchedHere(IInternalActorRef watchee, RemoteActorRef watcher)
    {
        lock (_lock)
            _watchedHere.Add((watchee, watcher));
    }

    public void NotWatchedHere(IInternalActorRef watchee, RemoteActorRef watcher)
    {
        lock (_lock)
            _watchedHere.Remove((watchee, watcher));
    }

    /// <summary>The incarnation that all this was about is dead.</summary>
    public void Terminated()
    {
        (RemoteActorRef Watchee, IInternalActorRef Watcher)[] watching;
        (IInternalActorRef Watchee, RemoteActorRef Watcher)[] watchedHere;
        lock (_lock)
        {
            watching = [.. _watching];
            _watching.Clear();
            watchedHere = [.. _watchedHere];
            _watchedHere.Clear();
            StopHeartbeatsIfIdle();
        }

        foreach (var (watchee, watcher) in watching)
            watcher.SendSystemMessage(new DeathWatchNotification(watchee, false, true));
        foreach (var (watchee, watcher) in watchedHere)
            watchee.SendSystemMessage(new Unwatch(watchee, watcher));
    }

    private void StartHeartbeats()
    {
        if (_heartbeats is not null)
            return;
        association.Heard();
        var interval = association.Remoting.Settings.HeartbeatInterval;
        _heartbeats = association.System.Timeouts.ScheduleRepeatedlyCancelable(TimeSpan.Zero, interval, Beat);
    }

    private void StopHeartbeatsIfIdle()
    {
        if (_watching.Count > 0)
            return;
        _heartbeats?.Cancel();
        _heartbeats = null;
    }

    private void Beat()
    {
        var settings = association.Remoting.Settings;
        var absence = association.Absence;
        if (absence > settings.AcceptablePause)
        {
            association.System.Log.Warning("No sign of life from {0} for {1}", association.Address, absence);
            association.Quarantine(0);
        }
        else if (absence >= settings.HeartbeatInterval)
        {
            // Whatever else comes from there is a sign of life as good as an answer.
            association.SendHeartbeat();
        }
    }
}

using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    // Whom this actor watches, with the message to get instead of Terminated, if any.
    private Dictionary<IActorRef, object?>? _watching;

    // Whose end was queued into the mailbox but not yet handled.
    private Dictionary<IActorRef, object?>? _terminatedQueued;
    private HashSet<IInternalActorRef>? _watchedBy;

    public IActorRef Watch(IActorRef subject) => Watch(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message) =>
        Watch(subject, message ?? throw new ArgumentNullException(nameof(message)));

    public IActorRef Unwatch(IActorRef subject)
    {
        var watchee = (IInternalActorRef)subject;
        if (_watching is not null && _watching.Remove(watchee))
            watchee.SendSystemMessage(new Unwatch(watchee, Self));
        _terminatedQueued?.Remove(watchee);
        return subject;
    }

    private IActorRef Watch(IActorRef subject, object? message)
    {
        var watchee = (IInternalActorRef)subject;
        if (watchee.Equals(Self))
            return subject;
        var watching = _watching ??= [];
        if (watching.TryGetValue(watchee, out var previous))
        {
            if (!Equals(previous, message))
            {
                throw new InvalidOperationException(
                    $"Watch({Self}, {subject}) was already called with another termination message; call Unwatch first"
                );
            }

            return subject;
        }

        watching.Add(watchee, message);
        watchee.SendSystemMessage(new Watch(watchee, Self));
        return subject;
    }

    private void WatchedActorTerminated(DeathWatchNotification death)
    {
        var wasChild = RemoveChild(death.Actor);
        // A dead address takes all watchers with it, whoever they watched from there.
        if (_watching is not null && _watching.Remove(death.Actor, out var message))
        {
            if (_waiting != Waiting.ForTermination)
            {
                (_terminatedQueued ??= [])[death.Actor] = message;
                Self.Tell(new Terminated(death.Actor, death.ExistenceConfirmed, death.AddressTerminated), death.Actor);
            }
        }

        if (wasChild)
            ChildrenChanged();
    }

    private void ReceiveTerminated(Terminated terminated)
    {
        // Unwatched meanwhile, or not sent by the engine: nobody waits for it.
        if (_terminatedQueued is null || !_terminatedQueued.Remove(terminated.ActorRef, out var message))
            return;
        _actor!.AroundReceive(_behavior!, message ?? terminated);
    }

    private void AddWatcher(Watch watch)
    {
        if (watch.Watchee.Equals(Self))
            (_watchedBy ??= []).Add(watch.Watcher);
        else
            Publish(
                new Warning(Self.Path.ToString(), GetType(), $"BUG: illegal Watch({watch.Watchee}, {watch.Watcher})")
            );
    }

    private void RemoveWatcher(Unwatch unwatch) => _watchedBy?.Remove(unwatch.Watcher);

    private void UnwatchAll()
    {
        foreach (var watchee in _watching?.Keys ?? Enumerable.Empty<IActorRef>())
            ((IInternalActorRef)watchee).SendSystemMessage(new Unwatch((IInternalActorRef)watchee, Self));
        _watching = null;
        _terminatedQueued = null;
    }

    private void NotifyWatchers()
    {
        // Watchers elsewhere first: a local one may be the guardian whose end takes remoting down.
        foreach (var watcher in (_watchedBy ?? []).OrderBy(static watcher => watcher.IsLocal))
        {
            if (!watcher.Equals(Parent))
                watcher.SendSystemMessage(new DeathWatchNotification(Self, true, false));
        }

        _watchedBy = null;
    }
}

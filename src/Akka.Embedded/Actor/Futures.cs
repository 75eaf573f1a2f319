using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Sending a message and waiting for the answer.</summary>
public static class Futures
{
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(
        this ICanTell self,
        object message,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) => AskWith<T>(self, static (_, m) => m, message, timeout, cancellationToken);

    private static Task<T> AskWith<T>(
        ICanTell target,
        Func<IActorRef, object, object> toMessage,
        object argument,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var system =
            SystemOf(target)
            ?? throw new ArgumentException("Unable to resolve the target's actor system", nameof(target));
        var answer = new FutureActorRef<T>(system);
        answer.Start(target, timeout ?? system.Settings.AskTimeout, cancellationToken);
        target.Tell(toMessage(answer, argument), answer);
        return answer.Task;
    }

    private static ActorSystemImpl? SystemOf(ICanTell target) =>
        target switch
        {
            LocalActorRef local => local.Cell.System,
            ISystemBound bound => bound.System,
            ActorSelection selection => SystemOf(selection.Anchor),
            _ => ActorCell.Current?.System,
        };
}

/// <summary>A reference that knows its system.</summary>
internal interface ISystemBound
{
    ActorSystemImpl System { get; }
}

/// <summary>The reference that an ask gives as its sender: the first message to it completes the task.</summary>
/// <remarks>It has a path, below <c>/temp</c>, only once somebody wants to see it, which only remoting does.</remarks>
internal sealed class FutureActorRef<T>(ActorSystemImpl system) : MinimalActorRef, ISystemBound
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorPath? _path;
    private TimeoutEntry? _timeout;
    private CancellationTokenRegistration _cancellation;
    private List<IInternalActorRef>? _watchers;

    public ActorSystemImpl System => system;

    public Task<T> Task => _result.Task;

    public override bool IsTerminated => _result.Task.IsCompleted;

    public override IInternalActorRef Parent => system.Provider.TempContainer;

    public override ActorPath Path
    {
        get
        {
            if (Volatile.Read(ref _path) is { } known)
                return known;
            lock (_result)
            {
                if (_path is { } meanwhile)
                    return meanwhile;
                var path = system.Provider.TempPath();
                if (!IsTerminated)
                    system.Provider.RegisterTempActor(this, path);
                Volatile.Write(ref _path, path);
                // Completed in between: whoever completed it saw no path to unregister.
                if (IsTerminated)
                    system.Provider.UnregisterTempActor(path);
                return path;
            }
        }
    }

    public void Start(ICanTell target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((FutureActorRef<T>)state!).Cancelled(token),
                this
            );
        }

        if (timeout == Timeout.InfiniteTimeSpan || timeout == TimeSpan.MaxValue)
            return;
        _timeout = new TimeoutEntry(this, timeout, target);
        system.Timeouts.Add(_timeout, timeout);
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch when IsTerminated:
                watch.Watcher.SendSystemMessage(new DeathWatchNotification(this, true, false));
                break;
            case Watch watch:
                lock (_result)
                    (_watchers ??= []).Add(watch.Watcher);
                if (IsTerminated)
                    NotifyWatchers();
                break;
            case Unwatch unwatch:
                lock (_result)
                    _watchers?.Remove(unwatch.Watcher);
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        var completed = message switch
        {
            Status.Failure failure when !typeof(Status).IsAssignableFrom(typeof(T)) => _result.TrySetException(
                failure.Cause ?? new TaskCanceledException("Task cancelled by the answer: a failure without a cause")
            ),
            T answer => _result.TrySetResult(answer),
            _ => _result.TrySetException(
                new ArgumentException(
                    $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]"
                )
            ),
        };
        if (completed)
            Ended();
        else
            system.DeadLetters.Tell(message, sender);
    }

    private void Ended()
    {
        if (_timeout is { } timeout)
            system.Timeouts.Remove(timeout);
        _cancellation.Unregister();
        if (Volatile.Read(ref _path) is { } path)
            system.Provider.UnregisterTempActor(path);
        NotifyWatchers();
    }

    private void NotifyWatchers()
    {
        if (Volatile.Read(ref _watchers) is null)
            return;
        IInternalActorRef[] watchers;
        lock (_result)
        {
            watchers = [.. _watchers ?? []];
            _watchers = null;
        }

        foreach (var watcher in watchers)
            watcher.SendSystemMessage(new DeathWatchNotification(this, true, false));
    }

    private void Cancelled(CancellationToken token)
    {
        if (_result.TrySetCanceled(token))
            Ended();
    }

    private void TimedOut(TimeSpan after, ICanTell target)
    {
        var text = $"Timeout after {after} while waiting for {target} to answer";
        if (_result.TrySetException(new AskTimeoutException(text)))
            Ended();
    }

    private sealed class TimeoutEntry(FutureActorRef<T> future, TimeSpan after, ICanTell target) : ScheduleEntry
    {
        public override void Run() => future.TimedOut(after, target);
    }
}

using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>A local reference that has a name below <c>/temp</c> once somebody asks for it.</summary>
internal interface ITempActorRef : IActorRef
{
    /// <summary>Its number among the <see cref="TempActors"/> of its system.</summary>
    long TempNumber { get; }
}

/// <summary>The reference that an ask gives as its sender: the first message to it completes the task.</summary>
/// <remarks>
/// One object is reference and completion source, since every ask makes one. It has a name, below <c>/temp</c>, only once
/// somebody wants to see it, which only remoting does.
/// </remarks>
internal class FutureActorRef<T> : TaskCompletionSource<T>, IInternalActorRef, ITempActorRef, ISystemBound
{
    private readonly ActorSystemImpl _system;
    private SeldomUsed? _seldomUsed;
    private long _tempNumber;

    protected FutureActorRef(ActorSystemImpl system)
        : base(TaskCreationOptions.RunContinuationsAsynchronously) => _system = system;

    public ActorSystemImpl System => _system;

    public bool IsLocal => true;

    public bool IsTerminated => Task.IsCompleted;

    public IInternalActorRef Parent => _system.Provider.Temp;

    public ActorPath Path => Extras.Path is { } known ? known : Extras.Path = _system.Provider.Temp.PathOf(TempNumber);

    public long TempNumber
    {
        get
        {
            if (Volatile.Read(ref _tempNumber) is not 0 and var known)
                return known;
            var temp = _system.Provider.Temp;
            var number = temp.Add(this);
            if (Interlocked.CompareExchange(ref _tempNumber, number, 0) is not 0 and var meanwhile)
            {
                temp.Remove(number);
                return meanwhile;
            }

            // Completed in between: whoever completed it saw no number to remove.
            if (IsTerminated)
                temp.Remove(number);
            return number;
        }
    }

    private SeldomUsed Extras =>
        Volatile.Read(ref _seldomUsed)
        ?? Interlocked.CompareExchange(ref _seldomUsed, new SeldomUsed(), null)
        ?? _seldomUsed;

    public static FutureActorRef<T> Start(
        ActorSystemImpl system,
        ICanTell target,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var isLimited = timeout != Timeout.InfiniteTimeSpan && timeout != TimeSpan.MaxValue;
        var timed = isLimited ? new TimedFutureActorRef<T>(system, target, timeout) : null;
        var answer = timed ?? new FutureActorRef<T>(system);
        if (timed is not null)
            system.Timeouts.Add(timed, timeout);
        if (!cancellationToken.CanBeCanceled)
            return answer;
        answer.Extras.Cancellation = cancellationToken.UnsafeRegister(
            static (state, token) => ((FutureActorRef<T>)state!).Cancelled(token),
            answer
        );
        // Over already: whoever ended it may have come before there was something to take back.
        if (answer.IsTerminated)
            answer.Extras.Cancellation.Unregister();
        return answer;
    }

    public void Tell(object message, IActorRef? sender)
    {
        var completed = message switch
        {
            null => throw new InvalidMessageException("Message is null"),
            Status.Failure failure when !typeof(Status).IsAssignableFrom(typeof(T)) => TrySetException(
                failure.Cause ?? new TaskCanceledException("Task cancelled by the answer: a failure without a cause")
            ),
            T answer => TrySetResult(answer),
            _ => TrySetException(
                new ArgumentException(
                    $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]"
                )
            ),
        };
        if (completed)
            Ended();
        else
            _system.DeadLetters.Tell(message, sender);
    }

    public void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch when IsTerminated:
                watch.Watcher.SendSystemMessage(new DeathWatchNotification(this, true, false));
                break;
            case Watch watch:
                lock (Extras)
                    (Extras.Watchers ??= []).Add(watch.Watcher);
                if (IsTerminated)
                    NotifyWatchers();
                break;
            case Unwatch unwatch when _seldomUsed is { } extras:
                lock (extras)
                    extras.Watchers?.Remove(unwatch.Watcher);
                break;
        }
    }

    public IInternalActorRef GetChild(ReadOnlySpan<string> name) =>
        name.IsEmpty || (name.Length == 1 && name[0].Length == 0) ? this : ActorRefs.Nobody;

    public void Stop() { }

    public int CompareTo(object? obj) => ActorRefIdentity.Compare(this, obj);

    public int CompareTo(IActorRef? other) => ActorRefIdentity.Compare(this, other);

    public bool Equals(IActorRef? other) => ActorRefIdentity.AreEqual(this, other);

    public override bool Equals(object? obj) => obj is IActorRef other && Equals(other);

    public override int GetHashCode() => ActorRefIdentity.HashCodeOf(this);

    public override string ToString() => ActorRefIdentity.TextOf(this);

    /// <summary>The task has just been completed, which happens once.</summary>
    protected virtual void Ended()
    {
        if (Volatile.Read(ref _tempNumber) is not 0 and var number)
            _system.Provider.Temp.Remove(number);
        if (Volatile.Read(ref _seldomUsed) is not { } extras)
            return;
        extras.Cancellation.Unregister();
        NotifyWatchers();
    }

    private void NotifyWatchers()
    {
        IInternalActorRef[] watchers;
        lock (Extras)
        {
            watchers = [.. Extras.Watchers ?? []];
            Extras.Watchers = null;
        }

        foreach (var watcher in watchers)
            watcher.SendSystemMessage(new DeathWatchNotification(this, true, false));
    }

    private void Cancelled(CancellationToken token)
    {
        if (TrySetCanceled(token))
            Ended();
    }

    private sealed class SeldomUsed
    {
        public ActorPath? Path { get; set; }

        public List<IInternalActorRef>? Watchers { get; set; }

        public CancellationTokenRegistration Cancellation { get; set; }
    }
}

/// <summary>An ask that does not wait for ever; it is what the scheduler keeps, too.</summary>
internal sealed class TimedFutureActorRef<T>(ActorSystemImpl system, ICanTell target, TimeSpan after)
    : FutureActorRef<T>(system),
        IScheduled
{
    public int Place { get; set; } = -1;

    public void Run()
    {
        var text = $"Timeout after {after} while waiting for {target} to answer";
        if (TrySetException(new AskTimeoutException(text)))
            base.Ended();
    }

    protected override void Ended()
    {
        System.Timeouts.Remove(this);
        base.Ended();
    }
}

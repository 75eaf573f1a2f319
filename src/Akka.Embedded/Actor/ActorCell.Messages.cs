using System.Runtime.ExceptionServices;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private TimeSpan? _receiveTimeout;
    private ICancelable? _receiveTimeoutTask;

    public TimeSpan? ReceiveTimeout => _receiveTimeout;

    /// <summary>How many messages were begun: tells two occurrences of one message object apart.</summary>
    public long Handled { get; private set; }

    public void Invoke(in Envelope envelope)
    {
        Handled++;
        _envelope = envelope;
        var message = envelope.Message;
        var influences = _receiveTimeout is not null && message is not INotInfluenceReceiveTimeout;
        if (influences)
            CancelReceiveTimeout();
        try
        {
            if (message is IAutoReceivedMessage)
                AutoReceive(message);
            else if (message is TimerFired fired)
                ReceiveTimer(fired);
            else
                _actor!.AroundReceive(_behavior!, message);
        }
        catch (Exception e)
        {
            // Whatever the actor throws is its supervisor's to judge.
            HandleInvokeFailure(e, message);
        }

        if (influences)
            ScheduleReceiveTimeout();
        if (_asyncHandlers == 0)
            _envelope = default;
    }

    public void SystemInvoke(SystemMessage message)
    {
        try
        {
            if (_waiting != Waiting.Nothing && message is Suspend or Resume or Recreate)
                (_stashed ??= []).Add(message);
            else
                Handle(message);
        }
        catch (Exception e)
        {
            HandleInvokeFailure(e, message);
        }
    }

    /// <summary>The actor is gone: what a living one would have answered is answered in its stead.</summary>
    public void SystemInvokeWhenClosed(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch when watch.Watchee.Equals(Self):
                watch.Watcher.SendSystemMessage(new DeathWatchNotification(Self, true, false));
                break;
            case ActorTaskMessage task:
                // The rest of a handler that was under way still runs, so that its finally blocks do.
                task.Run();
                break;
        }
    }

    public void ToDeadLetters(in Envelope envelope)
    {
        // A dead letter that its subscriber does not live to read must not beget another one.
        if (envelope.Message is AllDeadLetters)
            return;
        System.DeadLetters.Tell(
            new DeadLetter(envelope.Message, envelope.Sender ?? System.DeadLetters, Self),
            envelope.Sender
        );
    }

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        CancelReceiveTimeout();
        _receiveTimeout = timeout is { } span && span > TimeSpan.Zero ? timeout : null;
        ScheduleReceiveTimeout();
    }

    private void Handle(SystemMessage message)
    {
        switch (message)
        {
            case ActorTaskMessage task:
                task.Run();
                break;
            case ActorTaskCompleted completed:
                TaskCompleted(completed);
                break;
            case DeathWatchNotification death:
                WatchedActorTerminated(death);
                break;
            case Watch watch:
                AddWatcher(watch);
                break;
            case Unwatch unwatch:
                RemoveWatcher(unwatch);
                break;
            case Failed failed:
                HandleChildFailed(failed);
                break;
            case Create:
                CreateInstance();
                break;
            case Dispatch.Terminate:
                Terminate();
                break;
            case Suspend:
                FaultSuspend();
                break;
            case Resume resume:
                FaultResume(resume.CausedByFailure);
                break;
            case Recreate recreate:
                FaultRecreate(recreate.Cause);
                break;
            default:
                throw new InvalidOperationException($"Unknown system message {message.GetType()}");
        }
    }

    private void AutoReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                ReceiveTerminated(terminated);
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case PoisonPill:
                Self.Stop();
                break;
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, Self), Self);
                break;
            case ActorSelectionMessage selected:
                selected.Deliver(Self, _envelope.Sender);
                break;
            default:
                _actor!.AroundReceive(_behavior!, message);
                break;
        }
    }

    private void ReceiveTimer(TimerFired fired)
    {
        if (_timers?.Intercept(fired) is not { } message)
            return;
        // The stash must see what the actor sees.
        _envelope = new Envelope(message, _envelope.Sender);
        if (message is IAutoReceivedMessage)
            AutoReceive(message);
        else
            _actor!.AroundReceive(_behavior!, message);
    }

    private void ScheduleReceiveTimeout()
    {
        if (_receiveTimeout is not { } span || _waiting == Waiting.ForTermination || Mailbox.IsClosed)
            return;
        _receiveTimeoutTask = System.Scheduler.ScheduleTellOnceCancelable(
            span,
            Self,
            Akka.Actor.ReceiveTimeout.Instance,
            Self
        );
    }

    private void CancelReceiveTimeout()
    {
        _receiveTimeoutTask?.Cancel();
        _receiveTimeoutTask = null;
    }

    private static void Rethrow(Exception e) => ExceptionDispatchInfo.Throw(e);
}

using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private Waiting _waiting;
    private List<SystemMessage>? _stashed;
    private Exception? _recreateCause;
    private object? _failedMessage;
    private bool _failed;
    private bool _created;
    private IInternalActorRef? _perpetrator;
    private SupervisorStrategy? _strategy;
    private int _asyncHandlers;
    private StashImpl? _stash;
    private TimerScheduler? _timers;

    private enum Waiting
    {
        Nothing,

        /// <summary>For stopped children, before the new instance is made.</summary>
        ForRecreation,

        /// <summary>For all children, before the end.</summary>
        ForTermination,
    }

    private void CreateInstance()
    {
        try
        {
            NewInstance();
            _actor!.AroundPreStart();
            _created = true;
            ScheduleReceiveTimeout();
        }
        catch (Exception e)
        {
            DropInstanceLogged();
            Rethrow(
                e as ActorInitializationException
                    ?? new ActorInitializationException(Self, "Exception during creation", e)
            );
        }
    }

    private void NewInstance()
    {
        _behaviors = null;
        _behavior = null;
        // The base constructor hands timers out, so that constructors can use them already; a stash is there after it.
        _actor = _props.NewActor() ?? throw new ActorInitializationException(Self, "Actor instance is null");
        if (_actor is IActorStash stashing)
            stashing.Stash = _stash ??= new StashImpl(this);
        // A constructor may have chosen another behaviour already.
        var initial = _actor.InitialBehavior();
        if (_behaviors is null)
            _behavior ??= initial;
    }

    /// <summary>Gives a new instance what its interfaces ask for; called by its base constructor.</summary>
    public void Equip(ActorBase actor)
    {
        if (actor is IWithTimers timing)
            timing.Timers = _timers ??= new TimerScheduler(this);
    }

    private void DropInstance()
    {
        // What was stashed by the old instance comes first for the new one, or becomes dead letters with the rest.
        _stash?.UnstashAll();
        _timers?.CancelAll();
        _timers = null;
        _strategy = null;
        var actor = _actor;
        _actor = null;
        if (actor is IDisposable disposable)
            disposable.Dispose();
        if (actor is not null)
            _props.Release(actor);
    }

    private void HandleInvokeFailure(Exception cause, object? message)
    {
        if (_waiting == Waiting.ForTermination || Mailbox.IsClosed)
        {
            Publish(new Error(cause, Self.Path.ToString(), GetType(), "Failed while terminating: " + cause.Message));
            return;
        }

        if (_failed)
        {
            Publish(new Error(cause, Self.Path.ToString(), GetType(), "Failed while failed: " + cause.Message));
            return;
        }

        _failed = true;
        _failedMessage = message is SystemMessage ? null : message;
        Mailbox.Suspend();
        SuspendChildren(except: _perpetrator);
        Parent.SendSystemMessage(new Failed(Self, cause));
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren(except: null);
    }

    private void FaultResume(Exception? causedByFailure)
    {
        if (_actor is null)
        {
            // It never came to life; resuming means to try again.
            ClearFailed();
            Mailbox.Resume();
            CreateInstance();
            return;
        }

        var perpetrator = _perpetrator;
        if (causedByFailure is not null)
            ClearFailed();
        Mailbox.Resume();
        ResumeChildren(causedByFailure, perpetrator);
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is { } failedActor)
        {
            try
            {
                failedActor.AroundPreRestart(cause, _failedMessage);
            }
            catch (Exception e)
            {
                var wrapped = new PreRestartException(Self, e, cause, _failedMessage);
                Publish(new Error(wrapped, Self.Path.ToString(), failedActor.GetType(), e.Message));
            }
            finally
            {
                DropInstanceLogged();
            }
        }

        // What a failed constructor or PreStart left behind would be in the way of the next attempt.
        if (!_created)
            StopAllChildren();
        if (HasStoppingChildren)
        {
            _waiting = Waiting.ForRecreation;
            _recreateCause = cause;
            return;
        }

        FinishRecreate(cause);
    }

    private void FinishRecreate(Exception cause)
    {
        var survivors = ChildRefs();
        ClearFailed();
        Mailbox.Resume();
        if (!_created)
        {
            CreateInstance();
            return;
        }

        try
        {
            NewInstance();
            _actor!.AroundPostRestart(cause, null);
            foreach (var child in survivors)
                child.Restart(cause);
        }
        catch (Exception e)
        {
            DropInstanceLogged();
            HandleInvokeFailure(new PostRestartException(Self, e, cause), null);
        }
    }

    private void Terminate()
    {
        if (_waiting == Waiting.ForTermination)
            return;
        SetReceiveTimeout(null);
        _timers?.CancelAll();
        _waiting = Waiting.ForTermination;
        // User messages stay in the mailbox and become dead letters when it closes.
        Mailbox.Suspend();
        StopAllChildren();
        if (!HasChildren)
            FinishTermination();
    }

    private void FinishTermination()
    {
        try
        {
            _actor?.AroundPostStop();
        }
        catch (Exception e)
        {
            Publish(new Error(e, Self.Path.ToString(), _actor!.GetType(), e.Message));
        }

        DropInstanceLogged();
        Mailbox.Close();
        UnwatchAll();
        Parent.SendSystemMessage(new DeathWatchNotification(Self, true, false));
        NotifyWatchers();
        _behavior = null;
        _behaviors = null;
        _envelope = default;
    }

    private void DropInstanceLogged()
    {
        var type = _actor?.GetType() ?? GetType();
        try
        {
            DropInstance();
        }
        catch (Exception e)
        {
            Publish(new Error(e, Self.Path.ToString(), type, "Dispose failed: " + e.Message));
        }
    }

    private void ClearFailed()
    {
        _failed = false;
        _failedMessage = null;
        _perpetrator = null;
    }

    /// <summary>A child that was waited for is gone; goes on with what waited.</summary>
    private void ChildrenChanged()
    {
        if (_waiting == Waiting.ForTermination && !HasChildren)
        {
            FinishTermination();
        }
        else if (_waiting == Waiting.ForRecreation && !HasStoppingChildren)
        {
            _waiting = Waiting.Nothing;
            var cause = _recreateCause!;
            _recreateCause = null;
            try
            {
                FinishRecreate(cause);
            }
            catch (Exception e)
            {
                HandleInvokeFailure(e, null);
            }

            var stashed = _stashed;
            _stashed = null;
            // In the order of arrival, before anything that came later.
            foreach (var message in stashed ?? [])
                SystemInvoke(message);
        }
    }

    private void HandleChildFailed(Failed failed)
    {
        if (!TryGetStats(failed.Child, out var stats))
        {
            Publish(new Debug(Self.Path.ToString(), GetType(), "dropping Failed of unknown child " + failed.Child));
            return;
        }

        _perpetrator = failed.Child;
        _strategy ??= _props.SupervisorStrategy ?? _actor?.CreateSupervisorStrategy();
        if (_strategy is null || !_strategy.HandleFailure(this, failed.Child, failed.Cause, stats, AllStats()))
            Rethrow(failed.Cause);
        _perpetrator = null;
    }
}

using Akka.Actor;
using Failover.Core;
using Failover.Messages;

namespace Failover.Node.Replication;

/// <summary>Tells an actor a message when something is due, and not before: what is due moves on while the actor works.</summary>
/// <remarks>
/// A timer that is set for the earliest instant and fires when that has been put off sets itself anew, on the scheduler's
/// thread. The actor need neither set it with each message that it handles nor be woken to find that nothing is due.
/// <see cref="At"/> is the actor's; the scheduler may fire on any thread.
/// </remarks>
internal sealed class WakeUp(IScheduler scheduler, MonotonicClock clock, IActorRef actor, object message)
{
    private readonly Lock _lock = new();
    private Instant? _due;
    private Instant? _armedFor;

    /// <param name="due">Null: nothing is, and nothing will be told.</param>
    public void At(Instant? due)
    {
        lock (_lock)
        {
            _due = due;
            if (due is { } at && !(_armedFor <= at))
                Arm(at);
        }
    }

    private void Arm(Instant at)
    {
        _armedFor = at;
        var delay = at - clock.Now;
        scheduler.Advanced.ScheduleOnce(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, () => Fire(at));
    }

    private void Fire(Instant at)
    {
        lock (_lock)
        {
            // An earlier one was set since.
            if (_armedFor != at)
                return;
            _armedFor = null;
            if (_due is not { } due)
                return;
            if (due > clock.Now)
            {
                Arm(due);
                return;
            }

            _due = null;
        }

        actor.Tell(message, ActorRefs.NoSender);
    }
}

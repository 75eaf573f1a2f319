using Akka.Actor;
using Failover.Core;

namespace Failover.Messages;

/// <summary>An actor's deadline, set by <see cref="DeadlineTimer.Follow"/>, is here.</summary>
public sealed record DeadlineReached
{
    public static readonly DeadlineReached Instance = new();

    private DeadlineReached() { }
}

/// <summary>The one timer of an actor that drives a state machine, which says after each step when it must next be looked at.</summary>
public static class DeadlineTimer
{
    /// <summary>The actor is told <see cref="DeadlineReached"/> then, at once if that has passed, and at no other time.</summary>
    /// <param name="deadline">Null: it is not told.</param>
    public static void Follow(this ITimerScheduler timers, Instant? deadline, Instant now)
    {
        if (deadline is not { } at)
            timers.Cancel(nameof(DeadlineReached));
        else
            timers.StartSingleTimer(
                nameof(DeadlineReached),
                DeadlineReached.Instance,
                at > now ? at - now : TimeSpan.Zero
            );
    }
}

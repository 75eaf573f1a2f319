using System.Diagnostics;
using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class TimeTests : Spec
{
    [Fact]
    public async Task Fires_single_and_periodic_timers()
    {
        var receiver = Receiver();
        Sys.ActorOf(Props.Create(() => new Ticking(receiver.Ref)));

        var seen = new List<object>();
        while (seen.Count(m => m is "tick") < 3 || !seen.Contains("once"))
            seen.Add(await receiver.Next());

        Assert.Single(seen, "once");
        Assert.DoesNotContain("never", seen);
    }

    [Fact]
    public async Task Handles_no_message_of_a_timer_that_was_cancelled_or_replaced_after_it_fired()
    {
        var receiver = Receiver();
        var actor = Sys.ActorOf(Props.Create(() => new Fickle(receiver.Ref)));

        actor.Tell("begin");

        Assert.Equal("new", await receiver.Next());
        Assert.Empty(await receiver.Rest());
    }

    [Fact]
    public async Task Says_when_nothing_arrives()
    {
        var receiver = Receiver();
        Sys.ActorOf(Props.Create(() => new Waiting(receiver.Ref)));

        Assert.IsType<ReceiveTimeout>(await receiver.Next());
        Assert.IsType<ReceiveTimeout>(await receiver.Next());
    }

    [Fact]
    public async Task Schedules_once_and_repeatedly_and_never_early()
    {
        var receiver = Receiver();
        var begin = Stopwatch.GetTimestamp();
        var delay = TimeSpan.FromMilliseconds(30);

        Sys.Scheduler.ScheduleTellOnce(delay, receiver.Ref, "once", ActorRefs.NoSender);
        Assert.Equal("once", await receiver.Next());
        Assert.True(Stopwatch.GetElapsedTime(begin) >= delay);

        var every = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(1, 1, receiver.Ref, "again", ActorRefs.NoSender);
        for (var i = 0; i < 5; i++)
            Assert.Equal("again", await receiver.Next());
        every.Cancel();
        Assert.True(every.IsCancellationRequested);
    }

    [Fact]
    public async Task Runs_no_scheduled_work_that_was_called_off()
    {
        var scheduler = Sys.Scheduler.Advanced;
        using var gate = new ManualResetEventSlim();
        var ran = new TaskCompletionSource();
        var calledOffRan = false;
        // While the scheduler's thread is held up nothing else can run, however slow this thread is.
        scheduler.ScheduleOnce(TimeSpan.Zero, () => gate.Wait(Soon));
        var calledOff = scheduler.ScheduleOnceCancelable(TimeSpan.Zero, () => calledOffRan = true);

        calledOff.Cancel();
        scheduler.ScheduleOnce(TimeSpan.FromMilliseconds(1), ran.SetResult);
        gate.Set();

        await ran.Task.WaitAsync(Soon);
        Assert.False(calledOffRan);
    }

    private sealed class Ticking : ReceiveActor, IWithTimers
    {
        public Ticking(IActorRef to) => ReceiveAny(message => to.Tell(message));

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Timers.StartPeriodicTimer("periodic", "tick", TimeSpan.FromMilliseconds(2));
            Timers.StartSingleTimer("single", "once", TimeSpan.FromMilliseconds(3));
            Timers.StartSingleTimer("cancelled", "never", TimeSpan.FromMilliseconds(1));
            Timers.Cancel("cancelled");
            Assert.True(Timers.IsTimerActive("single"));
            Assert.False(Timers.IsTimerActive("cancelled"));
        }
    }

    private sealed class Fickle : ReceiveActor, IWithTimers
    {
        public Fickle(IActorRef to)
        {
            Receive<string>(
                text => text == "begin",
                _ =>
                {
                    Timers.StartSingleTimer("a", "old", TimeSpan.Zero);
                    Timers.StartSingleTimer("b", "cancelled", TimeSpan.Zero);
                    // What is due first runs first: once this has run, both have fired into the mailbox.
                    using var fired = new ManualResetEventSlim();
                    Context.System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(1), fired.Set);
                    fired.Wait(Soon);
                    Timers.StartSingleTimer("a", "new", TimeSpan.FromMilliseconds(1));
                    Timers.Cancel("b");
                }
            );
            ReceiveAny(message => to.Tell(message));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private sealed class Waiting : ReceiveActor
    {
        public Waiting(IActorRef to)
        {
            SetReceiveTimeout(TimeSpan.FromMilliseconds(5));
            Receive<ReceiveTimeout>(to.Tell);
        }
    }
}

using Akka.Actor;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>Timers, receive timeouts and asynchronous handlers.</summary>
public sealed class TimeSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void A_single_timer_fires_once()
    {
        var actor = Timing(timers => timers.StartSingleTimer("key", "fired", TimeSpan.FromMilliseconds(10)));

        ExpectMsg("fired");
        ExpectNoMsg(50);
        actor.Tell(new Do(timers => TestActor.Tell(timers.IsTimerActive("key"))));
        ExpectMsg(false);
    }

    [Fact]
    public void A_periodic_timer_fires_until_it_is_cancelled()
    {
        var actor = Timing(timers => timers.StartPeriodicTimer("key", "tick", TimeSpan.FromMilliseconds(10)));
        ExpectMsg("tick");
        ExpectMsg("tick");

        actor.Tell(
            new Do(timers =>
            {
                timers.Cancel("key");
                TestActor.Tell("cancelled");
            })
        );

        FishForMessage(message => message is "cancelled");
        ExpectNoMsg(50);
    }

    [Fact]
    public void A_timer_started_again_under_its_key_replaces_the_old_one()
    {
        using var hold = new ManualResetEventSlim();
        var actor = Timing(timers => timers.StartSingleTimer("key", "old", TimeSpan.FromMilliseconds(1)));

        // The old timer may well have fired into the mailbox by then; its message must not arrive all the same.
        actor.Tell(new Do(_ => hold.Wait(TimeSpan.FromMilliseconds(50))));
        actor.Tell(new Do(timers => timers.StartSingleTimer("key", "new", TimeSpan.FromMilliseconds(1))));

        FishForMessage(message => message is "new");
        ExpectNoMsg(50);
    }

    [Fact]
    public void What_a_cancelled_timer_has_sent_already_does_not_arrive()
    {
        using var fired = new ManualResetEventSlim();
        Timing(timers =>
        {
            timers.StartSingleTimer("key", "late", TimeSpan.FromMilliseconds(1));
            fired.Wait(TimeSpan.FromMilliseconds(50));
            timers.Cancel("key");
        });

        ExpectNoMsg(50);
    }

    [Fact]
    public void A_restart_cancels_the_timers()
    {
        var actor = Timing(timers => { });
        actor.Tell(new Do(timers => timers.StartPeriodicTimer("key", "tick", TimeSpan.FromMilliseconds(10))));
        ExpectMsg("tick");

        actor.Tell(new Do(_ => throw new InvalidOperationException("x")));
        actor.Tell(new Do(timers => TestActor.Tell(timers.IsTimerActive("key"))));

        FishForMessage(message => message is false);
        ExpectNoMsg(50);
    }

    [Fact]
    public void All_timers_of_an_actor_can_be_called_off_at_once()
    {
        var actor = Timing(timers =>
        {
            timers.StartPeriodicTimer("one", "tick", TimeSpan.FromMilliseconds(10));
            timers.StartSingleTimer("two", "once", TimeSpan.FromMilliseconds(1));
        });
        FishForMessage(message => message is "tick");

        actor.Tell(
            new Do(timers =>
            {
                timers.CancelAll();
                TestActor.Tell(timers.IsTimerActive("one") || timers.IsTimerActive("two"));
            })
        );

        FishForMessage(message => message is false);
        ExpectNoMsg(50);
    }

    [Fact]
    public void Silence_longer_than_the_receive_timeout_is_announced()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Impatient(TestActor)));

        ExpectMsg("silence");
        actor.Tell("talk");
        FishForMessage(message => message is "talk");
        ExpectMsg("silence");
        actor.Tell("enough");
        FishForMessage(message => message is "enough");

        ExpectNoMsg(100);
    }

    [Fact]
    public void A_message_that_is_no_sign_of_life_does_not_put_the_silence_off()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Pestered(TestActor)));

        ExpectMsg("silence");

        Sys.Stop(actor);
    }

    [Fact]
    public void While_an_asynchronous_handler_runs_other_messages_wait()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Slow(TestActor)));
        var release = new TaskCompletionSource();

        actor.Tell(release.Task);
        actor.Tell("next");
        ExpectMsg("begun");
        ExpectNoMsg(50);
        release.SetResult();

        ExpectMsgFrom(actor, "ended");
        ExpectMsg("next");
    }

    [Fact]
    public void A_failing_asynchronous_handler_is_the_supervisors_to_judge()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Slow(TestActor)));

        actor.Tell(Task.FromException(new InvalidOperationException("async")));
        actor.Tell("next");

        ExpectMsg("begun");
        ExpectMsg("restarted: async");
        ExpectMsg("next");
    }

    [Fact]
    public void An_actor_stopped_in_an_asynchronous_handler_ends_after_it()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Slow(TestActor)));
        Watch(actor);
        var release = new TaskCompletionSource();

        actor.Tell(release.Task);
        ExpectMsg("begun");
        actor.Tell(PoisonPill.Instance);
        ExpectNoMsg(50);
        release.SetResult();

        ExpectMsg("ended");
        ExpectTerminated(actor);
    }

    [Fact]
    public void The_scheduler_sends_once_and_repeatedly()
    {
        var begun = Now;
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(30), TestActor, "once", ActorRefs.NoSender);
        ExpectMsg("once");
        Assert.InRange(Now - begun, TimeSpan.FromMilliseconds(29), TimeSpan.FromSeconds(3));

        var cancelable = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(10),
            TestActor,
            "tick",
            ActorRefs.NoSender
        );
        ReceiveN(3);
        cancelable.Cancel();
        // One more may be on its way; then there is silence.
        ReceiveWhile<object>(TimeSpan.FromMilliseconds(30), message => message);
        ExpectNoMsg(50);
    }

    private sealed record Do(Action<ITimerScheduler> Action);

    private IActorRef Timing(Action<ITimerScheduler> begin) =>
        Sys.ActorOf(Props.Create(() => new TimingActor(TestActor, begin)));

    private sealed class TimingActor : ReceiveActor, IWithTimers
    {
        public TimingActor(IActorRef listener, Action<ITimerScheduler> begin)
        {
            Receive<Do>(order => order.Action(Timers));
            Receive<string>(text => listener.Tell(text));
            begin(Timers);
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private sealed class Impatient : ReceiveActor
    {
        public Impatient(IActorRef listener)
        {
            SetReceiveTimeout(TimeSpan.FromMilliseconds(30));
            Receive<ReceiveTimeout>(_ => listener.Tell("silence"));
            Receive<string>(text =>
            {
                listener.Tell(text);
                if (text == "enough")
                    SetReceiveTimeout(null);
            });
        }
    }

    /// <summary>Reminds itself all the time, by a timer and by telling itself.</summary>
    private sealed class Pestered : ReceiveActor, IWithTimers
    {
        public Pestered(IActorRef listener)
        {
            Receive<Reminder>(_ => { });
            Receive<ReceiveTimeout>(_ => listener.Tell("silence"));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Context.SetReceiveTimeout(TimeSpan.FromMilliseconds(200));
            Timers.StartPeriodicTimer("timer", new Reminder(), TimeSpan.FromMilliseconds(20));
            Context.System.Scheduler.ScheduleTellRepeatedlyCancelable(20, 20, Self, new Reminder(), Self);
        }

        private sealed record Reminder : INotInfluenceReceiveTimeout;
    }

    private sealed class Slow : ReceiveActor
    {
        private readonly IActorRef _listener;

        public Slow(IActorRef listener)
        {
            _listener = listener;
            ReceiveAsync<Task>(async task =>
            {
                listener.Tell("begun");
                await task;
                // Context and sender are those of the message, also after the await.
                Sender.Tell("ended", Self);
            });
            Receive<string>(text => listener.Tell(text));
        }

        protected override void PostRestart(Exception reason) =>
            _listener.Tell($"restarted: {reason.GetBaseException().Message}");
    }
}

using Akka.Actor;
using Akka.TestKit;

namespace Akka.Embedded.Tests.TestKit;

public sealed class TestSchedulerSpecs()
    : Akka.TestKit.Xunit2.TestKit("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")
{
    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void Nothing_happens_until_the_time_is_advanced()
    {
        Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(10), TestActor, "due", ActorRefs.NoSender);

        Scheduler.Advance(TimeSpan.FromSeconds(9));
        ExpectNoMsg(50);

        Scheduler.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("due");
    }

    [Fact]
    public void Repeated_messages_come_once_an_interval_until_they_are_called_off()
    {
        var cancelable = new Cancelable(Scheduler.Advanced);
        Scheduler.ScheduleTellRepeatedly(
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(2),
            TestActor,
            "tick",
            ActorRefs.NoSender,
            cancelable
        );

        foreach (var seconds in new[] { 1, 2, 2 })
        {
            Scheduler.Advance(TimeSpan.FromSeconds(seconds));
            ExpectMsg("tick");
        }

        cancelable.Cancel();
        Scheduler.Advance(TimeSpan.FromSeconds(5));
        ExpectNoMsg(50);
    }

    [Fact]
    public void What_is_due_runs_in_the_order_of_time()
    {
        List<int> ran = [];
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromSeconds(3), () => ran.Add(3));
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromSeconds(1), () => ran.Add(1));
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromSeconds(2), () => ran.Add(2));

        Scheduler.AdvanceTo(Scheduler.Now + TimeSpan.FromSeconds(3));

        Assert.Equal([1, 2, 3], ran);
    }

    [Fact]
    public void An_actors_timers_follow_the_test()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Ticker(TestActor)));
        ExpectMsg("ready");

        Scheduler.Advance(TimeSpan.FromSeconds(30));
        ExpectMsg("tick");
        Sys.Stop(actor);
    }

    private sealed class Ticker : ReceiveActor, IWithTimers
    {
        public Ticker(IActorRef listener)
        {
            Receive<string>(text => listener.Tell(text));
            Timers.StartPeriodicTimer("key", "tick", TimeSpan.FromSeconds(30));
            listener.Tell("ready");
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}

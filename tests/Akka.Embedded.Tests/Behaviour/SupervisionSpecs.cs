using Akka.Actor;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Behaviour;

public sealed class SupervisionSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void A_restart_loses_the_failing_message_and_no_other()
    {
        var parent = Supervise(Directive.Restart);
        var child = Child(parent);

        foreach (var message in new object[] { "one", new Fail("x"), "two", "three" })
            child.Tell(message);

        ExpectMsg("born");
        ExpectMsg("one");
        ExpectMsg("before restart: x, failed on Fail");
        ExpectMsg("born");
        ExpectMsg("after restart: x");
        ExpectMsg("two");
        ExpectMsg("three");
    }

    [Fact]
    public void A_restart_forgets_the_state_and_a_resume_keeps_it()
    {
        var restarted = Child(Supervise(Directive.Restart), talks: false);
        var resumed = Child(Supervise(Directive.Resume), talks: false);

        foreach (var child in new[] { restarted, resumed })
        {
            child.Tell("count");
            child.Tell(new Fail("x"));
            child.Tell("count");
        }

        Assert.Equal(
            [(restarted, 1), (restarted, 1), (resumed, 1), (resumed, 2)],
            ReceivePairs(4).OrderBy(pair => pair.Sender.Equals(resumed)).ThenBy(pair => pair.Count)
        );
    }

    [Fact]
    public void A_stop_ends_the_child_and_what_waits_for_it_becomes_dead_letters()
    {
        var deadLetters = CreateTestProbe();
        Sys.EventStream.Subscribe(deadLetters.Ref, typeof(Akka.Event.DeadLetter));
        var child = Child(Supervise(Directive.Stop), talks: false);
        Watch(child);

        child.Tell(new Fail("x"));
        child.Tell("late");

        ExpectTerminated(child);
        Assert.Equal("late", deadLetters.ExpectMsg<Akka.Event.DeadLetter>().Message);
    }

    [Fact]
    public void An_escalated_failure_is_the_parents_own()
    {
        var grandparent = Supervise(Directive.Restart);
        var parent = Child(grandparent, Props.Create(() => new Supervisor(_ => Directive.Escalate, null, false)));
        var child = Child(parent, talks: false);
        Watch(child);

        child.Tell(new Fail("x"));

        // The restart of the parent stops its children.
        ExpectTerminated(child);
        parent.Tell("alive?");
        ExpectMsg("alive!");
    }

    [Fact]
    public void All_for_one_restarts_the_siblings_too()
    {
        var parent = Supervise(Directive.Restart, allForOne: true);
        var failing = Child(parent, talks: false);
        var sibling = Child(parent, talks: false);
        sibling.Tell("count");
        ExpectMsg(1);

        failing.Tell(new Fail("x"));
        failing.Tell("count");
        ExpectMsg(1);
        sibling.Tell("count");

        ExpectMsg(1);
    }

    [Fact]
    public void One_for_one_leaves_the_siblings_alone()
    {
        var parent = Supervise(Directive.Restart);
        var failing = Child(parent, talks: false);
        var sibling = Child(parent, talks: false);
        sibling.Tell("count");
        ExpectMsg(1);

        failing.Tell(new Fail("x"));
        failing.Tell("count");
        ExpectMsg(1);
        sibling.Tell("count");

        ExpectMsg(2);
    }

    [Fact]
    public void Too_many_restarts_in_the_time_range_end_the_child()
    {
        var strategy = new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart);
        var child = Child(Sys.ActorOf(Props.Create(() => new Parent(strategy))), talks: false);
        Watch(child);

        child.Tell(new Fail("1"));
        child.Tell(new Fail("2"));
        child.Tell("count");
        ExpectMsg(1);
        child.Tell(new Fail("3"));

        ExpectTerminated(child);
    }

    [Fact]
    public void Failures_further_apart_than_the_time_range_do_not_add_up()
    {
        var strategy = new OneForOneStrategy(1, TimeSpan.FromMilliseconds(20), _ => Directive.Restart);
        var child = Child(Sys.ActorOf(Props.Create(() => new Parent(strategy))), talks: false);
        Watch(child);

        for (var failure = 0; failure < 3; failure++)
        {
            child.Tell(new Fail("x"));
            Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(60), child, "waited", TestActor);
            ExpectMsg("waited");
        }
    }

    [Fact]
    public void All_for_one_stops_the_siblings_too()
    {
        var parent = Supervise(Directive.Stop, allForOne: true);
        var child = Child(parent, talks: false);
        var sibling = Child(parent, talks: false);
        Watch(child);
        Watch(sibling);

        child.Tell(new Fail("x"));

        Assert.Equal(
            new HashSet<IActorRef> { child, sibling },
            ReceiveN(2).Cast<Terminated>().Select(terminated => terminated.ActorRef).ToHashSet()
        );
    }

    [Fact]
    public void The_stopping_strategy_ends_what_fails()
    {
        var child = Child(Sys.ActorOf(Props.Create(() => new Parent(SupervisorStrategy.StoppingStrategy))), false);
        Watch(child);

        child.Tell(new Fail("x"));

        ExpectTerminated(child);
    }

    [Fact]
    public void The_decision_depends_on_the_exception()
    {
        var parent = Sys.ActorOf(
            Props.Create(() =>
                new Supervisor(e => e is FormatException ? Directive.Resume : Directive.Restart, null, false)
            )
        );
        var child = Child(parent, talks: false);

        child.Tell("count");
        child.Tell(new FormatException());
        child.Tell("count");
        child.Tell(new Fail("x"));
        child.Tell("count");

        Assert.Equal([1, 2, 1], ReceiveN(3));
    }

    [Fact]
    public void Unless_told_otherwise_a_failure_restarts_and_a_failed_birth_stops()
    {
        var restarted = Sys.ActorOf(Props.Create(() => new Worker(TestActor, false)));
        restarted.Tell("count");
        restarted.Tell(new Fail("x"));
        restarted.Tell("count");
        Assert.Equal([1, 1], ReceiveN(2));

        var unborn = Sys.ActorOf(Props.Create(() => new Unborn()));
        Watch(unborn);
        ExpectTerminated(unborn);
    }

    [Fact]
    public void Kill_is_a_failure_that_stops_by_default()
    {
        var child = Sys.ActorOf(Props.Create(() => new Worker(TestActor, false)));
        Watch(child);

        EventFilter.Exception<ActorKilledException>().ExpectOne(() => child.Tell(Kill.Instance));

        ExpectTerminated(child);
    }

    [Fact]
    public void A_failure_is_logged_with_its_exception_and_the_actors_path()
    {
        var child = Sys.ActorOf(Props.Create(() => new Worker(TestActor, false)), "logged");

        EventFilter
            .Exception<InvalidOperationException>("x", source: child.Path.ToString())
            .ExpectOne(() => child.Tell(new Fail("x")));
    }

    [Fact]
    public void Children_are_stopped_before_a_restarted_parent_lives_again()
    {
        var parent = Child(Supervise(Directive.Restart), Props.Create(() => new Brood(TestActor)));
        ExpectMsg("brood born");

        parent.Tell(new Fail("x"));

        ExpectMsg("chick stopped");
        ExpectMsg("brood born");
    }

    [Fact]
    public void A_restarted_actor_can_be_watched_and_stopped_as_before()
    {
        var child = Child(Supervise(Directive.Restart), talks: false);
        Watch(child);
        child.Tell(new Fail("x"));
        child.Tell("count");
        ExpectMsg(1);

        child.Tell(PoisonPill.Instance);

        ExpectTerminated(child);
    }

    private sealed record Fail(string Reason);

    private IActorRef Supervise(Directive directive, bool allForOne = false) =>
        Sys.ActorOf(Props.Create(() => new Supervisor(_ => directive, null, allForOne)));

    private IActorRef Child(IActorRef parent, bool talks = true) =>
        Child(parent, Props.Create(() => new Worker(TestActor, talks)));

    /// <summary>Asks with a probe, so that the test actor sees only what the spec is about.</summary>
    private IActorRef Child(IActorRef parent, Props props)
    {
        var probe = CreateTestProbe();
        probe.Send(parent, props);
        return probe.ExpectMsg<IActorRef>();
    }

    private List<(IActorRef Sender, int Count)> ReceivePairs(int count)
    {
        List<(IActorRef, int)> pairs = [];
        for (var index = 0; index < count; index++)
        {
            var number = ExpectMsg<int>();
            pairs.Add((LastSender, number));
        }

        return pairs;
    }

    private class Parent : ReceiveActor
    {
        private readonly SupervisorStrategy _strategy;

        public Parent(SupervisorStrategy strategy)
        {
            _strategy = strategy;
            Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));
            Receive<string>(_ => Sender.Tell("alive!"));
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;
    }

    private sealed class Supervisor(Func<Exception, Directive> decide, int? retries, bool allForOne)
        : Parent(
            allForOne ? new AllForOneStrategy(retries, null, decide) : new OneForOneStrategy(retries, null, decide)
        );

    private sealed class Worker : ReceiveActor
    {
        private readonly IActorRef _listener;
        private readonly bool _talks;
        private int _count;

        public Worker(IActorRef listener, bool talks)
        {
            _listener = listener;
            _talks = talks;
            Say("born");
            Receive<string>(text => text == "count", _ => listener.Tell(++_count));
            Receive<string>(text => listener.Tell(text));
            Receive<Fail>(fail => throw new InvalidOperationException(fail.Reason));
            Receive<Exception>(e => throw e);
        }

        protected override void PreRestart(Exception reason, object message)
        {
            Say($"before restart: {reason.Message}, failed on {message.GetType().Name}");
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            Say($"after restart: {reason.Message}");
            base.PostRestart(reason);
        }

        private void Say(string text)
        {
            if (_talks)
                _listener.Tell(text);
        }
    }

    private sealed class Unborn : ReceiveActor
    {
        public Unborn() => throw new InvalidOperationException("stillborn");
    }

    private sealed class Brood : ReceiveActor
    {
        public Brood(IActorRef listener)
        {
            Context.ActorOf(Props.Create(() => new Chick(listener)));
            listener.Tell("brood born");
            Receive<Fail>(fail => throw new InvalidOperationException(fail.Reason));
        }
    }

    private sealed class Chick(IActorRef listener) : ReceiveActor
    {
        protected override void PostStop() => listener.Tell("chick stopped");
    }
}

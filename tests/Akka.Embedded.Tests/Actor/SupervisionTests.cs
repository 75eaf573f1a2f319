using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class SupervisionTests : Spec
{
    [Fact]
    public async Task Restarts_a_failing_child_and_keeps_its_mailbox_and_reference()
    {
        var events = Receiver();
        var child = await Child(events.Ref, new OneForOneStrategy(_ => Directive.Restart));

        child.Tell(new Fail("once"), ActorRefs.NoSender);
        child.Tell("queued behind the failure", events.Ref);

        Assert.Equal("constructed", await events.Next());
        Assert.Equal("pre-start", await events.Next());
        Assert.Equal("pre-restart once", await events.Next());
        Assert.Equal("post-stop", await events.Next());
        Assert.Equal("constructed", await events.Next());
        Assert.Equal("post-restart once", await events.Next());
        Assert.Equal("pre-start", await events.Next());
        Assert.Equal("queued behind the failure", await events.Next());
    }

    [Fact]
    public async Task Resumes_a_child_with_its_state()
    {
        var events = Receiver();
        var child = await Child(events.Ref, new OneForOneStrategy(_ => Directive.Resume));

        child.Tell(new Fail("once"), ActorRefs.NoSender);
        child.Tell("next", events.Ref);

        Assert.Equal(
            ["constructed", "pre-start", "next"],
            [await events.Next(), await events.Next(), await events.Next()]
        );
    }

    [Fact]
    public async Task Stops_a_child_for_good()
    {
        var events = Receiver();
        var child = await Child(events.Ref, new OneForOneStrategy(_ => Directive.Stop));
        events.Ref.Tell(new Watch(child));

        child.Tell(new Fail("once"), ActorRefs.NoSender);

        Assert.Equal("constructed", await events.Next());
        Assert.Equal("pre-start", await events.Next());
        Assert.Equal("post-stop", await events.Next());
        Assert.Equal(child, (await events.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task Stops_a_child_that_fails_more_often_than_allowed()
    {
        var events = Receiver();
        var child = await Child(events.Ref, new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        events.Ref.Tell(new Watch(child));

        for (var i = 0; i < 3; i++)
            child.Tell(new Fail("again"), ActorRefs.NoSender);

        while (await events.Next() is string) { }
        Assert.Empty(await events.Rest());
    }

    [Fact]
    public async Task Fails_the_parent_when_it_escalates()
    {
        var events = Receiver();
        var top = Sys.ActorOf(
            Props.Create(() => new Parent(events.Ref, new OneForOneStrategy(_ => Directive.Restart))),
            "top"
        );
        var middle = await top.Ask<IActorRef>(
            Props.Create(() => new Parent(events.Ref, new OneForOneStrategy(_ => Directive.Escalate))),
            Soon
        );
        var child = await middle.Ask<IActorRef>(Props.Create(() => new Recording(events.Ref)), Soon);
        events.Ref.Tell(new Watch(child));

        child.Tell(new Fail("up"), ActorRefs.NoSender);

        // The parent is restarted, which stops its children.
        while (await events.Next() is not Terminated) { }
        Assert.Equal("alive", await middle.Ask<string>("alive", Soon));
    }

    [Fact]
    public async Task Restarts_all_children_when_one_fails()
    {
        var events = Receiver();
        var parent = Sys.ActorOf(
            Props.Create(() => new Parent(events.Ref, new AllForOneStrategy(_ => Directive.Restart)))
        );
        var first = await parent.Ask<IActorRef>(Props.Create(() => new Recording(events.Ref)), Soon);
        var second = await parent.Ask<IActorRef>(Props.Create(() => new Recording(events.Ref)), Soon);
        Assert.Equal("alive", await second.Ask<string>("alive", Soon));
        await events.Rest();

        first.Tell(new Fail("both"), ActorRefs.NoSender);

        for (var restarted = 0; restarted < 2; )
        {
            if (await events.Next() is "post-restart both")
                restarted++;
        }

        await Task.WhenAll(first.Ask<string>("alive", Soon), second.Ask<string>("alive", Soon));
    }

    [Fact]
    public async Task Stops_what_cannot_be_constructed_and_what_was_killed()
    {
        var events = Receiver();
        var broken = Sys.ActorOf(Props.Create(() => new Unconstructible()));
        var killed = Sys.ActorOf(Props.Create(() => new Recording(Sys.DeadLetters)));
        events.Ref.Tell(new Watch(broken));
        events.Ref.Tell(new Watch(killed));

        killed.Tell(Kill.Instance, ActorRefs.NoSender);

        var ended = new[] { (await events.Next<Terminated>()).ActorRef, (await events.Next<Terminated>()).ActorRef };
        Assert.Equivalent(new[] { broken, killed }, ended);
    }

    [Fact]
    public async Task Hands_stashed_messages_to_the_next_instance()
    {
        var events = Receiver();
        var stashing = Sys.ActorOf(Props.Create(() => new Stashing(events.Ref)));

        stashing.Tell("a", ActorRefs.NoSender);
        stashing.Tell("b", ActorRefs.NoSender);
        stashing.Tell(new Fail("restart"), ActorRefs.NoSender);
        stashing.Tell("c", ActorRefs.NoSender);
        stashing.Tell("open", ActorRefs.NoSender);

        Assert.Equal(["a", "b", "c"], [await events.Next(), await events.Next(), await events.Next()]);
    }

    [Fact]
    public async Task Treats_a_failure_after_an_await_like_any_other()
    {
        var events = Receiver();
        var child = await Child(events.Ref, new OneForOneStrategy(_ => Directive.Restart));

        child.Tell(new FailLater("later"), ActorRefs.NoSender);
        child.Tell("next", events.Ref);

        var seen = new List<object>();
        do seen.Add(await events.Next());
        while (seen[^1] is not "next");
        Assert.Contains("post-restart later", seen);
    }

    private async Task<IActorRef> Child(IActorRef events, SupervisorStrategy strategy)
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(events, strategy)));
        return await parent.Ask<IActorRef>(Props.Create(() => new Recording(events)), Soon);
    }

    private sealed record Fail(string Text);

    private sealed record FailLater(string Text);

    private sealed class Parent : ReceiveActor
    {
        private readonly SupervisorStrategy _strategy;

        public Parent(IActorRef events, SupervisorStrategy strategy)
        {
            _strategy = strategy;
            Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));
            ReceiveAny(message => Sender.Tell(message));
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;
    }

    private sealed class Recording : ReceiveActor
    {
        private readonly IActorRef _events;

        public Recording(IActorRef events)
        {
            _events = events;
            _events.Tell("constructed");
            Receive<Fail>(fail => throw new InvalidOperationException(fail.Text));
            ReceiveAsync<FailLater>(async fail =>
            {
                await Task.Yield();
                throw new InvalidOperationException(fail.Text);
            });
            ReceiveAny(message => Sender.Tell(message));
        }

        protected override void PreStart() => _events.Tell("pre-start");

        protected override void PreRestart(Exception reason, object message)
        {
            _events.Tell("pre-restart " + reason.Message);
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _events.Tell("post-restart " + reason.Message);
            base.PostRestart(reason);
        }

        protected override void PostStop() => _events.Tell("post-stop");
    }

    private sealed class Unconstructible : ReceiveActor
    {
        public Unconstructible() => throw new InvalidOperationException("no");
    }

    private sealed class Stashing : ReceiveActor, IWithStash
    {
        public Stashing(IActorRef events)
        {
            Receive<Fail>(fail => throw new InvalidOperationException(fail.Text));
            Receive<string>(
                text => text == "open",
                _ =>
                {
                    Stash.UnstashAll();
                    Become(() => ReceiveAny(message => events.Tell(message)));
                }
            );
            ReceiveAny(_ => Stash.Stash());
        }

        public IStash Stash { get; set; } = null!;
    }
}

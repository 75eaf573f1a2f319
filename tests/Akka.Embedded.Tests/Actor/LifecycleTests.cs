using Akka.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Actor;

public sealed class LifecycleTests : Spec
{
    [Fact]
    public async Task Handles_what_came_before_a_poison_pill_and_makes_dead_letters_of_the_rest()
    {
        var receiver = Receiver();
        var letters = Receiver();
        Sys.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));

        echo.Tell("before", receiver.Ref);
        echo.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        echo.Tell("after", receiver.Ref);

        Assert.Equal("before", await receiver.Next());
        var letter = await letters.Next<DeadLetter>();
        Assert.Equal(("after", receiver.Ref, echo), (letter.Message, letter.Sender, letter.Recipient));
    }

    [Fact]
    public async Task Says_terminated_exactly_once_also_to_who_watches_too_late()
    {
        var watcher = Receiver();
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        watcher.Ref.Tell(new Watch(echo));
        watcher.Ref.Tell(new Watch(echo));

        Assert.True(await echo.GracefulStop(Soon));

        Assert.Equal(echo, (await watcher.Next<Terminated>()).ActorRef);
        Assert.Empty(await watcher.Rest());
        watcher.Ref.Tell(new Watch(echo));
        Assert.Equal(echo, (await watcher.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task Ends_children_before_their_parent()
    {
        var events = Receiver();
        var parent = Sys.ActorOf(Props.Create(() => new Nesting(events.Ref, 3)));

        Assert.True(await parent.GracefulStop(Soon));

        Assert.Equal([0, 1, 2, 3], await events.Rest());
    }

    [Fact]
    public async Task Frees_the_name_of_an_actor_once_it_has_terminated()
    {
        var first = Sys.ActorOf(Props.Create(() => new Echo()), "name");
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Echo()), "name"));
        var watcher = Receiver();
        watcher.Ref.Tell(new Watch(first));

        Sys.Stop(first);
        await watcher.Next<Terminated>();
        await Sys.ActorSelection("/user").ResolveOne(Soon);
        var second = Sys.ActorOf(Props.Create(() => new Echo()), "name");

        Assert.Equal(first.Path, second.Path);
        Assert.NotEqual(first, second);
        Assert.Equal("?", await second.Ask<string>("?", Soon));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public void Refuses_names_that_cannot_be_in_a_path(string name) =>
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Echo()), name));

    [Fact]
    public async Task Changes_its_behaviour_and_back()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));

        Assert.Equal("calm", await actor.Ask<string>("?", Soon));
        actor.Tell("push");
        Assert.Equal("angry", await actor.Ask<string>("?", Soon));
        actor.Tell("push");
        Assert.Equal("furious", await actor.Ask<string>("?", Soon));
        actor.Tell("pop");
        actor.Tell("pop");
        Assert.Equal("calm", await actor.Ask<string>("?", Soon));
    }

    [Fact]
    public async Task Publishes_what_no_handler_took()
    {
        var unhandled = Receiver();
        Sys.EventStream.Subscribe(unhandled.Ref, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));

        actor.Tell(17, unhandled.Ref);

        var message = await unhandled.Next<UnhandledMessage>();
        Assert.Equal((17, unhandled.Ref, actor), (message.Message, message.Sender, message.Recipient));
    }

    [Fact]
    public async Task Fails_who_watches_without_handling_the_end()
    {
        var events = Receiver();
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        var careless = Sys.ActorOf(Props.Create(() => new Careless(echo)));
        events.Ref.Tell(new Watch(careless));
        await careless.Ask<ActorIdentity>(new Identify(0), Soon);

        Sys.Stop(echo);

        Assert.Equal(careless, (await events.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task Finds_actors_by_patterns_and_relative_paths()
    {
        var events = Receiver();
        var top = Sys.ActorOf(Props.Create(() => new Nesting(events.Ref, 2)), "top");
        // Whoever answers has been constructed, and so has created its child.
        await top.Ask<ActorIdentity>(new Identify(0), Soon);
        await Sys.ActorSelection("/user/top/child").ResolveOne(Soon);

        var leaf = await Sys.ActorSelection("/user/top/*/*").ResolveOne(Soon);
        Assert.Equal("akka://spec/user/top/child/child", leaf.Path.ToString());
        var up = await Sys.ActorSelection("akka://spec/user/top/child/child/../..").ResolveOne(Soon);
        Assert.Equal("top", up.Path.Name);
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/nobody").ResolveOne(Soon));
    }

    [Fact]
    public async Task Makes_dead_letters_of_what_is_told_to_a_selection_of_nobody()
    {
        var letters = Receiver();
        Sys.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));

        Sys.ActorSelection("/user/nobody").Tell("lost");

        Assert.Equal("lost", (await letters.Next<DeadLetter>()).Message);
    }

    [Fact]
    public async Task Ends_with_all_actors_and_then_the_hooks()
    {
        var system = ActorSystem.Create("ending", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        var order = new List<string>();
        system.RegisterOnTermination(() => order.Add("hook"));
        system.ActorOf(Props.Create(() => new Ending(order)));

        await system.Terminate();

        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Equal(["actor", "hook"], order);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Nesting : ReceiveActor
    {
        private readonly IActorRef _events;
        private readonly int _depth;

        public Nesting(IActorRef events, int depth)
        {
            (_events, _depth) = (events, depth);
            if (depth > 0)
                Context.ActorOf(Props.Create(() => new Nesting(events, depth - 1)), "child");
        }

        protected override void PostStop() => _events.Tell(_depth);
    }

    private sealed class Moody : ReceiveActor
    {
        public Moody()
        {
            Receive<string>(text => text == "push", _ => BecomeStacked(Angry));
            Receive<string>(_ => Sender.Tell("calm"));
        }

        private void Angry()
        {
            Receive<string>(text => text == "push", _ => BecomeStacked(Furious));
            Receive<string>(text => text == "pop", _ => UnbecomeStacked());
            Receive<string>(_ => Sender.Tell("angry"));
        }

        private void Furious()
        {
            Receive<string>(text => text == "pop", _ => UnbecomeStacked());
            Receive<string>(_ => Sender.Tell("furious"));
        }
    }

    private sealed class Careless : ReceiveActor
    {
        public Careless(IActorRef other) => Context.Watch(other);
    }

    private sealed class Ending(List<string> order) : UntypedActor
    {
        protected override void OnReceive(object message) { }

        protected override void PostStop() => order.Add("actor");
    }
}

using Akka.Actor;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Behaviour;

public sealed class DeathWatchSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void The_end_is_announced_once_to_each_watcher()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sink()));
        var probes = Enumerable.Range(0, 3).Select(_ => CreateTestProbe()).ToList();
        foreach (var probe in probes)
        {
            probe.Watch(actor);
            probe.Watch(actor);
            // Both orders are followed before the end; to watch again after it is to be told again.
            probe.Tell("watching");
            probe.ExpectMsg("watching");
        }

        Sys.Stop(actor);
        Sys.Stop(actor);

        foreach (var probe in probes)
        {
            Assert.True(probe.ExpectTerminated(actor).ExistenceConfirmed);
            probe.ExpectNoMsg(20);
        }
    }

    [Fact]
    public void Who_watches_too_late_is_told_at_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sink()));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        var late = CreateTestProbe();
        late.Watch(actor);

        late.ExpectTerminated(actor);
    }

    [Fact]
    public void Who_unwatches_hears_nothing_more()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sink()));
        var probe = CreateTestProbe();
        probe.Watch(actor);
        probe.Unwatch(actor);
        Watch(actor);

        // Only after both orders were followed is the actor stopped.
        probe.Tell("done");
        probe.ExpectMsg("done");
        Sys.Stop(actor);

        ExpectTerminated(actor);
        probe.ExpectNoMsg(50);
    }

    [Fact]
    public void A_message_of_ones_own_can_announce_the_end()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sink()));
        var watcher = Sys.ActorOf(Props.Create(() => new Watcher(TestActor)));
        watcher.Tell(actor);
        ExpectMsg("watching");

        Sys.Stop(actor);

        ExpectMsg("gone");
        ExpectNoMsg(20);
    }

    [Fact]
    public void An_unhandled_end_fails_the_watcher()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sink()));
        var watcher = Sys.ActorOf(Props.Create(() => new Careless(TestActor, actor)));
        Watch(watcher);
        ExpectMsg("watching");

        EventFilter.Exception<DeathPactException>().ExpectOne(() => Sys.Stop(actor));

        ExpectTerminated(watcher);
    }

    [Fact]
    public void A_parent_ends_after_its_children()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Family(TestActor, 2)), "family");
        Watch(parent);

        Sys.Stop(parent);

        ExpectMsg("child stopped");
        ExpectMsg("child stopped");
        ExpectMsg("family stopped");
        ExpectTerminated(parent);
    }

    [Fact]
    public void A_name_is_free_again_once_the_end_was_announced()
    {
        for (var round = 0; round < 20; round++)
        {
            var actor = Sys.ActorOf(Props.Create(() => new Sink()), "phoenix");
            Watch(actor);
            Sys.Stop(actor);
            ExpectTerminated(actor);
        }
    }

    [Fact]
    public void A_name_is_taken_while_its_actor_lives()
    {
        Sys.ActorOf(Props.Create(() => new Sink()), "taken");

        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Sink()), "taken"));
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Sink()), "no/slash"));
    }

    [Fact]
    public void A_new_incarnation_of_a_name_is_another_actor()
    {
        var first = Sys.ActorOf(Props.Create(() => new Sink()), "name");
        Watch(first);
        Sys.Stop(first);
        ExpectTerminated(first);
        var second = Sys.ActorOf(Props.Create(() => new Sink()), "name");

        Assert.Equal(first.Path, second.Path);
        Assert.NotEqual(first, second);
        Assert.NotEqual(first.Path.Uid, second.Path.Uid);
    }

    [Fact]
    public async Task A_graceful_stop_waits_for_the_end()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sink()));

        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(3)));

        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(3)));
    }

    private sealed class Sink : ReceiveActor;

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef listener)
        {
            Receive<IActorRef>(actor =>
            {
                Context.WatchWith(actor, "gone");
                listener.Tell("watching");
            });
            ReceiveAny(message => listener.Tell(message));
        }
    }

    private sealed class Careless : ReceiveActor
    {
        public Careless(IActorRef listener, IActorRef watched)
        {
            Context.Watch(watched);
            listener.Tell("watching");
        }
    }

    private sealed class Family : ReceiveActor
    {
        private readonly IActorRef _listener;

        public Family(IActorRef listener, int children)
        {
            _listener = listener;
            for (var number = 0; number < children; number++)
                Context.ActorOf(Props.Create(() => new Offspring(listener)));
        }

        protected override void PostStop() => _listener.Tell("family stopped");
    }

    private sealed class Offspring(IActorRef listener) : ReceiveActor
    {
        protected override void PostStop() => listener.Tell("child stopped");
    }
}

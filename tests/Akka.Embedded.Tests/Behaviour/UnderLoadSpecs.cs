using Akka.Actor;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>What holds when many threads send, fail and stop at once.</summary>
public sealed class UnderLoadSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public async Task No_message_is_lost_to_restarts_of_a_busy_actor_but_the_failing_ones()
    {
        const int threads = 4;
        const int each = 1_000;
        var actor = Sys.ActorOf(Props.Create(() => new Moody(TestActor)));

        using (EventFilter.Exception<InvalidOperationException>().Mute())
        {
            await OnThreads(
                threads,
                thread =>
                {
                    for (var number = 0; number < each; number++)
                        actor.Tell(number % 10 == 9 ? "fail" : (object)(thread * each + number), ActorRefs.NoSender);
                }
            );
            actor.Tell("last", ActorRefs.NoSender);

            var received = ReceiveWhile<object>(
                TimeSpan.FromSeconds(20),
                message => message is "last" ? null! : message
            );
            ExpectMsg("last");
            Assert.Equal(threads * each * 9 / 10, received.Distinct().Count());
            Assert.Equal(received.Count, received.Distinct().Count());
        }
    }

    [Fact]
    public async Task Each_message_to_a_stopping_actor_is_handled_or_a_dead_letter()
    {
        const int threads = 4;
        const int each = 2_000;
        for (var round = 0; round < 5; round++)
        {
            var deadLetters = CreateTestProbe();
            Sys.EventStream.Subscribe(deadLetters.Ref, typeof(Akka.Event.DeadLetter));
            var handled = new StrongBox();
            var actor = Sys.ActorOf(Props.Create(() => new Counter(handled)));
            Watch(actor);

            await OnThreads(
                threads,
                thread =>
                {
                    for (var number = 0; number < each; number++)
                    {
                        if (thread == 0 && number == each / 2)
                            Sys.Stop(actor);
                        actor.Tell(number, ActorRefs.NoSender);
                    }
                }
            );
            ExpectTerminated(actor, TimeSpan.FromSeconds(10));

            var letters = deadLetters.ReceiveN(threads * each - handled.Value, TimeSpan.FromSeconds(10));
            Assert.All(letters, letter => Assert.Equal(actor, ((Akka.Event.DeadLetter)letter).Recipient));
            deadLetters.ExpectNoMsg(20);
            Sys.EventStream.Unsubscribe(deadLetters.Ref);
        }
    }

    [Fact]
    public async Task Every_watcher_hears_of_every_end_exactly_once()
    {
        const int actors = 300;
        var watchers = Enumerable.Range(0, 4).Select(_ => CreateTestProbe()).ToList();
        var watched = Enumerable.Range(0, actors).Select(_ => Sys.ActorOf(Props.Create(() => new Sink()))).ToList();

        // Watching and stopping race on purpose.
        await OnThreads(
            5,
            thread =>
            {
                foreach (var actor in watched)
                {
                    if (thread == 4)
                        Sys.Stop(actor);
                    else
                        watchers[thread].Watch(actor);
                }
            }
        );

        foreach (var watcher in watchers)
        {
            var ends = watcher.ReceiveN(actors, TimeSpan.FromSeconds(10)).Cast<Terminated>();
            Assert.Equal(actors, ends.Select(end => end.ActorRef).Distinct().Count());
            watcher.ExpectNoMsg(20);
        }
    }

    [Fact]
    public async Task A_family_that_grows_while_it_is_stopped_ends_completely()
    {
        for (var round = 0; round < 50; round++)
        {
            var alive = new StrongBox();
            var parent = Sys.ActorOf(Props.Create(() => new Parent(alive)));
            Watch(parent);

            await OnThreads(
                2,
                thread =>
                {
                    for (var number = 0; number < 50; number++)
                    {
                        if (thread == 0)
                            parent.Tell("child", ActorRefs.NoSender);
                        else if (number == 25)
                            Sys.Stop(parent);
                    }
                }
            );

            ExpectTerminated(parent, TimeSpan.FromSeconds(10));
            Assert.Equal(0, alive.Value);
        }
    }

    [Fact]
    public async Task Many_systems_start_and_end()
    {
        for (var round = 0; round < 10; round++)
        {
            var system = ActorSystem.Create($"short-lived-{round}");
            var actor = system.ActorOf(Props.Create(() => new Sink()));
            actor.Tell("x", ActorRefs.NoSender);
            await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        }
    }

    private static Task OnThreads(int count, Action<int> body) =>
        Task.WhenAll(
            Enumerable
                .Range(0, count)
                .Select(thread =>
                    Task.Factory.StartNew(
                        () => body(thread),
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
        );

    private sealed class StrongBox
    {
        public int Value;
    }

    private sealed class Moody : ReceiveActor
    {
        public Moody(IActorRef listener)
        {
            Receive<string>(text => text == "fail", _ => throw new InvalidOperationException("fail"));
            ReceiveAny(message => listener.Tell(message));
        }
    }

    private sealed class Counter : ReceiveActor
    {
        public Counter(StrongBox handled) => Receive<int>(_ => Interlocked.Increment(ref handled.Value));
    }

    private sealed class Sink : ReceiveActor
    {
        public Sink() => ReceiveAny(static _ => { });
    }

    private sealed class Parent : ReceiveActor
    {
        public Parent(StrongBox alive) => ReceiveAny(_ => Context.ActorOf(Props.Create(() => new Offspring(alive))));
    }

    private sealed class Offspring : ReceiveActor
    {
        private readonly StrongBox _alive;

        public Offspring(StrongBox alive)
        {
            _alive = alive;
            Interlocked.Increment(ref alive.Value);
        }

        protected override void PostStop() => Interlocked.Decrement(ref _alive.Value);
    }
}

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>Order, exclusion, stash, become, and where messages go that nobody takes.</summary>
public sealed class MailboxSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public async Task Messages_of_each_sender_arrive_in_the_order_sent()
    {
        const int senders = 8;
        const int each = 5_000;
        var actor = Sys.ActorOf(Props.Create(() => new OrderCheck(TestActor, senders * each)));

        await Task.WhenAll(
            Enumerable
                .Range(0, senders)
                .Select(sender =>
                    Task.Run(() =>
                    {
                        for (var number = 0; number < each; number++)
                            actor.Tell(new Numbered(sender, number), ActorRefs.NoSender);
                    })
                )
        );

        Assert.Equal("in order", await ExpectMsgAsync<string>(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_actor_handles_one_message_at_a_time()
    {
        var entered = 0;
        var overlaps = 0;
        var actor = Handling(_ =>
        {
            if (Interlocked.Increment(ref entered) > 1)
                Interlocked.Increment(ref overlaps);
            Thread.SpinWait(50);
            Interlocked.Decrement(ref entered);
        });

        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        for (var number = 0; number < 2_000; number++)
                            actor.Tell(number, ActorRefs.NoSender);
                    })
                )
        );
        await actor.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(10));

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public void Stashed_messages_come_back_in_order_before_later_ones()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));

        foreach (var message in new[] { "a", "b", "open", "c" })
            actor.Tell(message);

        Assert.Equal(["open", "a", "b", "c"], ReceiveN(4));
    }

    [Fact]
    public void Stashed_messages_survive_a_restart()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));

        foreach (var message in new[] { "a", "b", "fail", "open" })
            actor.Tell(message);

        // The new instance is closed, so what the old one stashed waits again.
        Assert.Equal(["open", "a", "b"], ReceiveN(3));
    }

    [Fact]
    public void A_behaviour_is_stacked_and_taken_off_again()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));

        foreach (var message in new[] { "how", "angry", "how", "calm", "how" })
            actor.Tell(message);

        Assert.Equal(["fine", "grrr", "fine"], ReceiveN(3));
    }

    [Fact]
    public void A_message_without_handler_is_published_as_unhandled()
    {
        var unhandled = CreateTestProbe();
        Sys.EventStream.Subscribe(unhandled.Ref, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));

        actor.Tell(42);

        var published = unhandled.ExpectMsg<UnhandledMessage>();
        Assert.Equal(42, published.Message);
        Assert.Equal(actor, published.Recipient);
        Assert.Equal(TestActor, published.Sender);
    }

    [Fact]
    public void What_a_dead_actor_is_told_is_a_dead_letter()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        var deadLetters = CreateTestProbe();
        Sys.EventStream.Subscribe(deadLetters.Ref, typeof(DeadLetter));

        actor.Tell("late");

        var letter = deadLetters.ExpectMsg<DeadLetter>();
        Assert.Equal("late", letter.Message);
        Assert.Equal(TestActor, letter.Sender);
        Assert.Equal(actor.Path, letter.Recipient.Path);
    }

    [Fact]
    public void What_nobody_answers_to_is_a_dead_letter_of_the_system()
    {
        var deadLetters = CreateTestProbe();
        Sys.EventStream.Subscribe(deadLetters.Ref, typeof(DeadLetter));

        Sys.ActorOf(Props.Create(() => new Moody())).Tell("how", ActorRefs.NoSender);
        Assert.Equal("fine", deadLetters.ExpectMsg<DeadLetter>().Message);

        Sys.ActorSelection("/user/nobody").Tell("hello");
        Assert.Equal("hello", deadLetters.ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void The_event_stream_forgets_who_ended_and_outlives_who_unsubscribed_first()
    {
        var first = CreateTestProbe();
        Sys.EventStream.Subscribe(first.Ref, typeof(string));
        Sys.EventStream.Unsubscribe(first.Ref);
        Watch(first);
        Sys.Stop(first);
        ExpectTerminated(first);

        for (var round = 0; round < 3; round++)
        {
            var ended = CreateTestProbe();
            Sys.EventStream.Subscribe(ended.Ref, typeof(string));
            Sys.Stop(ended);

            // Who is still subscribed cannot subscribe again.
            AwaitCondition(() => Sys.EventStream.Subscribe(ended.Ref, typeof(string)));
        }
    }

    [Fact]
    public void A_poison_pill_waits_for_its_turn()
    {
        var handled = new ConcurrentQueue<object>();
        using var hold = new ManualResetEventSlim();
        var actor = Handling(message =>
        {
            hold.Wait(TimeSpan.FromSeconds(5));
            handled.Enqueue(message);
        });
        Watch(actor);

        actor.Tell(1);
        actor.Tell(2);
        actor.Tell(PoisonPill.Instance);
        actor.Tell(3);
        hold.Set();
        ExpectTerminated(actor);

        Assert.Equal([1, 2], handled);
    }

    [Fact]
    public void A_dead_letter_of_a_null_message_cannot_exist() =>
        Assert.Throws<InvalidMessageException>(() => TestActor.Tell(null!));

    private IActorRef Handling(Action<object> handle) => Sys.ActorOf(Props.Create(() => new Relay(handle)));

    private sealed record Numbered(int Sender, int Number);

    private sealed class OrderCheck : ReceiveActor
    {
        private readonly Dictionary<int, int> _next = [];
        private int _seen;

        public OrderCheck(IActorRef listener, int total) =>
            Receive<Numbered>(numbered =>
            {
                if (_next.GetValueOrDefault(numbered.Sender) != numbered.Number)
                    listener.Tell($"{numbered} out of order");
                _next[numbered.Sender] = numbered.Number + 1;
                if (++_seen == total)
                    listener.Tell("in order");
            });
    }

    private sealed class Relay : ReceiveActor
    {
        public Relay(Action<object> handle) => ReceiveAny(handle);
    }

    private sealed class Gate : ReceiveActor, IWithStash
    {
        public Gate(IActorRef listener)
        {
            Receive<string>(text => text == "fail", _ => throw new InvalidOperationException("fail"));
            Receive<string>(
                text => text == "open",
                text =>
                {
                    listener.Tell(text);
                    Become(() => Receive<string>(later => listener.Tell(later)));
                    Stash.UnstashAll();
                }
            );
            ReceiveAny(_ => Stash.Stash());
        }

        public IStash Stash { get; set; } = null!;
    }

    private sealed class Moody : ReceiveActor
    {
        public Moody()
        {
            Receive<string>(text => text == "how", _ => Sender.Tell("fine"));
            Receive<string>(text => text == "angry", _ => BecomeStacked(Angry));
        }

        private void Angry()
        {
            Receive<string>(text => text == "how", _ => Sender.Tell("grrr"));
            Receive<string>(text => text == "calm", _ => UnbecomeStacked());
        }
    }
}

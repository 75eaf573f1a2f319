using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class MessagingTests : Spec
{
    [Fact]
    public async Task Answers_an_ask()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()), "echo");

        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        Assert.Equal("akka://spec/user/echo", echo.Path.ToString());
    }

    [Fact]
    public async Task Fails_an_ask_that_nobody_answers_in_time()
    {
        var silent = Sys.ActorOf(Props.Create(() => new Silent()));

        await Assert.ThrowsAsync<AskTimeoutException>(() => silent.Ask<string>("?", TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task Fails_an_ask_that_is_answered_with_a_failure()
    {
        var failing = Sys.ActorOf(Props.Create(() => new Failing()));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => failing.Ask<string>("?", Soon));

        Assert.Equal("no", error.Message);
    }

    [Fact]
    public async Task Cancels_an_ask()
    {
        var silent = Sys.ActorOf(Props.Create(() => new Silent()));
        using var cancel = new CancellationTokenSource();

        var answer = silent.Ask<string>("?", null, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task Keeps_the_order_of_each_sender()
    {
        const int each = 20_000;
        var receiver = Receiver();
        var senders = Enumerable.Range(0, 4).ToArray();

        await Task.WhenAll(
            senders.Select(sender =>
                Task.Run(() =>
                {
                    for (var i = 0; i < each; i++)
                        receiver.Ref.Tell((sender, i), ActorRefs.NoSender);
                })
            )
        );

        var got = (await receiver.Rest()).Cast<(int Sender, int Number)>().ToLookup(m => m.Sender, m => m.Number);
        foreach (var sender in senders)
            Assert.Equal(Enumerable.Range(0, each), got[sender]);
    }

    [Fact]
    public async Task Passes_the_first_sender_on_when_it_forwards()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        var forwarder = Sys.ActorOf(Props.Create(() => new Forwarder(echo)));

        Assert.Equal(7, await forwarder.Ask<int>(7, Soon));
    }

    [Fact]
    public async Task Continues_after_an_await_inside_the_actor_before_the_next_message()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting()));
        var receiver = Receiver();
        var gate = new TaskCompletionSource();

        actor.Tell(gate, receiver.Ref);
        actor.Tell("second", receiver.Ref);
        actor.Tell("third", receiver.Ref);
        gate.SetResult();

        Assert.Equal("first", await receiver.Next());
        Assert.Equal("second", await receiver.Next());
        Assert.Equal("third", await receiver.Next());
    }

    [Fact]
    public async Task Pipes_the_outcome_of_a_task()
    {
        var receiver = Receiver();

        await Task.FromResult(42).PipeTo(receiver.Ref);
        await Task.FromException<int>(new InvalidOperationException("no")).PipeTo(receiver.Ref);

        Assert.Equal(42, await receiver.Next());
        Assert.Equal("no", (await receiver.Next<Status.Failure>()).Cause.Message);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Silent : ReceiveActor
    {
        public Silent() => ReceiveAny(_ => { });
    }

    private sealed class Failing : ReceiveActor
    {
        public Failing() => ReceiveAny(_ => Sender.Tell(new Status.Failure(new InvalidOperationException("no"))));
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(message => to.Forward(message));
    }

    private sealed class Awaiting : ReceiveActor
    {
        public Awaiting()
        {
            ReceiveAsync<TaskCompletionSource>(async gate =>
            {
                await gate.Task;
                await Task.Yield();
                Sender.Tell("first", Self);
                Assert.NotNull(Context);
            });
            Receive<string>(text => Sender.Tell(text, Self));
        }
    }
}

using Akka.Actor;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Behaviour;

public sealed class AskSpecs : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task An_answer_completes_the_question()
    {
        var probe = CreateTestProbe();

        var answer = probe.Ref.Ask<int>("how many?", Patient);
        await probe.ExpectMsgAsync("how many?");
        probe.Reply(3);

        Assert.Equal(3, await answer);
    }

    [Fact]
    public async Task No_answer_in_time_is_an_exception()
    {
        var probe = CreateTestProbe();

        await Assert.ThrowsAsync<AskTimeoutException>(() => probe.Ref.Ask<int>("anybody?", Soon));
    }

    [Fact]
    public async Task A_question_can_be_called_off()
    {
        var probe = CreateTestProbe();
        using var cancel = new CancellationTokenSource();

        var answer = probe.Ref.Ask<int>("anybody?", Timeout.InfiniteTimeSpan, cancel.Token);
        await probe.ExpectMsgAsync("anybody?");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task A_failure_as_the_answer_is_an_exception()
    {
        var probe = CreateTestProbe();

        var answer = probe.Ref.Ask<int>("?", Patient);
        await probe.ExpectMsgAsync("?");
        probe.Reply(new Status.Failure(new FormatException("bad question")));

        Assert.Equal("bad question", (await Assert.ThrowsAnyAsync<Exception>(() => answer)).GetBaseException().Message);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_an_exception()
    {
        var probe = CreateTestProbe();

        var answer = probe.Ref.Ask<int>("?", Patient);
        await probe.ExpectMsgAsync("?");
        probe.Reply("text");

        await Assert.ThrowsAnyAsync<Exception>(() => answer);
    }

    [Fact]
    public async Task A_second_answer_goes_nowhere()
    {
        var deadLetters = CreateTestProbe();
        Sys.EventStream.Subscribe(deadLetters.Ref, typeof(Akka.Event.DeadLetter));
        var probe = CreateTestProbe();

        var answer = probe.Ref.Ask<int>("?", Patient);
        await probe.ExpectMsgAsync("?");
        probe.Reply(1);
        Assert.Equal(1, await answer);
        probe.Reply(2);

        Assert.Equal(2, (await deadLetters.ExpectMsgAsync<Akka.Event.DeadLetter>()).Message);
    }

    [Fact]
    public async Task Many_questions_at_once_each_get_their_own_answer()
    {
        var doubler = Sys.ActorOf(Props.Create(() => new Doubler()));

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 2_000).Select(number => doubler.Ask<int>(number, Patient))
        );

        Assert.Equal(Enumerable.Range(0, 2_000).Select(number => number * 2), answers);
    }

    [Fact]
    public async Task A_selection_can_be_asked_and_resolved()
    {
        var doubler = Sys.ActorOf(Props.Create(() => new Doubler()), "doubler");

        Assert.Equal(8, await Sys.ActorSelection("/user/doubler").Ask<int>(4, Patient));
        Assert.Equal(doubler, await Sys.ActorSelection(doubler.Path).ResolveOne(Patient));
        Assert.Equal(doubler, await Sys.ActorSelection("/user/doub*").ResolveOne(Patient));
        await Assert.ThrowsAsync<ActorNotFoundException>(() =>
            Sys.ActorSelection("/user/nobody").ResolveOne(TimeSpan.FromSeconds(1))
        );
    }

    [Fact]
    public async Task Whoever_asks_for_a_status_has_the_status_itself_as_the_answer()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Judge()));

        var good = await actor.Ask<Status>("good", TimeSpan.FromSeconds(10));
        var bad = await actor.Ask<Status>("bad", TimeSpan.FromSeconds(10));

        Assert.Equal(1, Assert.IsType<Status.Success>(good).Status);
        Assert.Equal("no", Assert.IsType<Status.Failure>(bad).Cause.Message);
    }

    [Fact]
    public void Whoever_is_identified_says_who_it_is()
    {
        var doubler = Sys.ActorOf(Props.Create(() => new Doubler()), "doubler");

        Sys.ActorSelection("/user/doubler").Tell(new Identify("a"));
        Assert.Equal(doubler, ExpectMsg<ActorIdentity>(identity => identity.MessageId is "a").Subject);

        Sys.ActorSelection("/user/nobody").Tell(new Identify("b"));
        Assert.Null(ExpectMsg<ActorIdentity>(identity => identity.MessageId is "b").Subject);
    }

    [Fact]
    public void A_task_is_piped_as_a_message_or_as_a_failure()
    {
        Task.FromResult("done").PipeTo(TestActor);
        ExpectMsg("done");

        Task.FromException<string>(new FormatException("bad")).PipeTo(TestActor);
        Assert.Equal("bad", ExpectMsg<Status.Failure>().Cause.GetBaseException().Message);

        Task.FromResult(1).PipeTo(TestActor, success: number => $"got {number}");
        ExpectMsg("got 1");

        Task.FromException<int>(new FormatException("bad"))
            .PipeTo(TestActor, failure: e => $"failed: {e.GetBaseException().Message}");
        ExpectMsg("failed: bad");
    }

    private sealed class Doubler : ReceiveActor
    {
        public Doubler() => Receive<int>(number => Sender.Tell(number * 2));
    }

    private sealed class Judge : ReceiveActor
    {
        public Judge() =>
            Receive<string>(plea =>
                Sender.Tell(
                    plea == "good" ? new Status.Success(1) : new Status.Failure(new InvalidOperationException("no")),
                    Self
                )
            );
    }
}

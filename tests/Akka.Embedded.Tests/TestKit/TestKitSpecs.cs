using Akka.Actor;
using Akka.TestKit;
using Xunit.Sdk;

namespace Akka.Embedded.Tests.TestKit;

public sealed class TestKitSpecs : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void What_the_test_actor_is_told_can_be_expected_in_every_way()
    {
        foreach (var message in new object[] { "a", "b", "c", "d", 5, "f" })
            TestActor.Tell(message);

        ExpectMsg("a");
        Assert.Equal("b", ExpectMsg<string>());
        ExpectMsg<string>(text => text == "c");
        ExpectMsg<string>(text => Assert.Equal("d", text));
        Assert.Equal(5, ExpectMsg<int>());
        Assert.Equal("f", ReceiveOne());
    }

    [Fact]
    public void An_expectation_fails_when_nothing_or_something_else_comes()
    {
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>(Soon));

        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg("y"));

        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<int>());

        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>(text => text.Length > 5));

        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectNoMsg(Soon));
    }

    [Fact]
    public void Silence_can_be_expected() => ExpectNoMsg(Soon);

    [Fact]
    public void The_test_actor_is_the_sender_of_what_the_test_tells()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));

        echo.Tell("hello");

        ExpectMsgFrom(echo, "hello");
        Assert.Equal(echo, LastSender);
    }

    [Fact]
    public async Task The_test_actor_is_the_sender_also_after_an_await()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));

        await Task.Run(static () => { });
        echo.Tell("one");
        await ExpectMsgAsync("one");
        await Task.Run(static () => { });
        echo.Tell("two");

        Assert.Equal("two", await ExpectMsgAsync<string>());
    }

    [Fact]
    public void Several_messages_are_expected_in_any_order()
    {
        foreach (var message in new[] { "c", "a", "b" })
            TestActor.Tell(message);

        ExpectMsgAllOf("a", "b", "c");

        TestActor.Tell("a");
        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectMsgAllOf("a", "b"));

        TestActor.Tell("b");
        Assert.Equal("b", ExpectMsgAnyOf(["a", "b"]));
    }

    [Fact]
    public void So_many_messages_are_received_or_the_test_fails()
    {
        TestActor.Tell(1);
        TestActor.Tell(2);

        Assert.Equal([1, 2], ReceiveN(2));

        TestActor.Tell(3);
        Assert.ThrowsAny<XunitException>(() => ReceiveN(2, Soon));
    }

    [Fact]
    public void Fishing_skips_until_the_message_comes()
    {
        for (var number = 0; number < 5; number++)
            TestActor.Tell(number);

        Assert.Equal(3, FishForMessage<int>(number => number == 3));

        ExpectMsg(4);
        Assert.ThrowsAny<XunitException>(() => FishForMessage(_ => true, Soon));
    }

    [Fact]
    public void Receiving_while_a_filter_holds_leaves_the_next_message()
    {
        foreach (var message in new object[] { "a", "b", 1 })
            TestActor.Tell(message);

        Assert.Equal(["a", "b"], ReceiveWhile<string>(TimeSpan.FromSeconds(3), message => (message as string)!));

        ExpectMsg(1);
    }

    [Fact]
    public void The_end_of_a_watched_actor_is_expected()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        Watch(echo);

        Sys.Stop(echo);

        Assert.Equal(echo, ExpectTerminated(echo).ActorRef);
    }

    [Fact]
    public void Probes_talk_to_each_other_and_answer()
    {
        var alice = CreateTestProbe("alice");
        var bob = CreateTestProbe("bob");

        alice.Send(bob, "hello");
        bob.ExpectMsg("hello");
        bob.Reply("hi");

        alice.ExpectMsgFrom(bob, "hi");
        alice.Forward(bob);
        bob.ExpectMsgFrom(bob, "hi");
        Assert.Equal("bob", bob.Ref.Path.Name);
    }

    [Fact]
    public void A_probe_can_be_watched_as_a_reference()
    {
        var probe = CreateTestProbe();
        Watch(probe);

        Sys.Stop(probe);

        ExpectTerminated(probe);
    }

    [Fact]
    public void An_auto_pilot_answers_until_it_lands()
    {
        var probe = CreateTestProbe();
        probe.SetAutoPilot(
            new DelegateAutoPilot(
                (sender, message) =>
                {
                    sender.Tell($"re: {message}", ActorRefs.NoSender);
                    return message is "last" ? AutoPilot.NoAutoPilot : AutoPilot.KeepRunning;
                }
            )
        );

        foreach (var message in new[] { "first", "last", "late" })
            probe.Ref.Tell(message, TestActor);

        ExpectMsg("re: first");
        ExpectMsg("re: last");
        Assert.Equal(["first", "last", "late"], probe.ReceiveN(3));
        ExpectNoMsg(Soon);
    }

    [Fact]
    public void Ignored_messages_do_not_reach_the_test()
    {
        IgnoreMessages<int>(number => number < 10);
        TestActor.Tell(1);
        TestActor.Tell(10);
        ExpectMsg(10);

        IgnoreNoMessages();
        TestActor.Tell(2);
        ExpectMsg(2);
    }

    [Fact]
    public void Within_bounds_the_expectations_in_it()
    {
        Within(TimeSpan.FromSeconds(3), () => TestActor.Tell("a"));
        Assert.Equal("a", Within(TimeSpan.FromSeconds(3), () => ExpectMsg<string>()));

        Assert.ThrowsAny<XunitException>(() => Within(Soon, () => ExpectMsg("never")));
        Assert.ThrowsAny<XunitException>(() => Within(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), () => { }));
        Within(Soon, () => ExpectNoMsg());
        Assert.Throws<InvalidOperationException>(() => Remaining);
    }

    [Fact]
    public void A_condition_or_an_assertion_is_awaited()
    {
        var attempts = 0;
        AwaitCondition(() => ++attempts == 3);
        AwaitAssert(() => Assert.Equal(6, ++attempts));
        Assert.Equal(6, attempts);

        Assert.ThrowsAny<XunitException>(() => AwaitCondition(() => false, Soon));
        Assert.Throws<EqualException>(() => AwaitAssert(() => Assert.Equal(1, 2), Soon));
    }

    [Fact]
    public async Task A_condition_or_an_assertion_is_awaited_asynchronously()
    {
        var attempts = 0;
        await AwaitConditionAsync(() => Task.FromResult(++attempts == 3));
        await AwaitAssertAsync(() => Assert.Equal(6, ++attempts));

        await Assert.ThrowsAnyAsync<XunitException>(() =>
            AwaitConditionAsync(() => Task.FromResult(false), TimeSpan.FromMilliseconds(50))
        );
    }

    [Fact]
    public void A_latch_opens_after_its_count()
    {
        var latch = CreateTestLatch(2);
        latch.CountDown();
        Assert.False(latch.IsOpen);
        Assert.Throws<TimeoutException>(() => latch.Ready(Soon));

        latch.CountDown();

        latch.Ready();
    }

    [Fact]
    public async Task The_system_ends_with_the_kit()
    {
        Shutdown(verifySystemShutdown: true);

        await Sys.WhenTerminated;
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}

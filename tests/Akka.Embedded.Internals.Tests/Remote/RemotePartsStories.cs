using System.Diagnostics;
using Akka.Actor;
using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>The parts of remoting that need no socket.</summary>
public sealed class RemotePartsStories
{
    [Fact]
    public void The_pause_between_attempts_doubles_up_to_its_limit_and_begins_anew_after_a_success()
    {
        var gate = new RetryGate(TimeSpan.FromSeconds(1));

        Assert.Equal([10, 20, 40, 80, 160, 320, 640, 1000, 1000], Enumerable.Range(0, 9).Select(_ => Pause(gate)));
        Assert.True(gate.IsClosed);
        Assert.True(gate.Open());
        Assert.False(gate.IsClosed);
        Assert.False(gate.Open());
        Assert.Equal(10, Pause(gate));
    }

    [Fact]
    public void Lines_come_at_once_while_there_are_few_and_then_one_a_period_that_counts_the_others()
    {
        var budget = new LogBudget(atOnce: 2, TimeSpan.FromSeconds(1));
        var now = Stopwatch.GetTimestamp();

        Assert.Equal("", Line(budget, now));
        Assert.Equal("", Line(budget, now));
        Assert.Null(Line(budget, now));
        Assert.Null(Line(budget, now));
        now += Stopwatch.Frequency;
        Assert.Equal(" (2 more since the last such line, 5 in all)", Line(budget, now));
        Assert.Null(Line(budget, now));
        Assert.Equal(6, budget.Total);
    }

    [Fact]
    public void System_messages_are_kept_until_they_are_acknowledged_and_delivered_in_order_once()
    {
        var log = new SystemMessageLog();
        RemoteSystemMessage[] messages = [Message(), Message(), Message()];
        foreach (var message in messages)
            log.Add(message);

        Assert.Same(messages[0], log.After(0));
        log.Acknowledged(1);
        Assert.Same(messages[1], log.After(0));
        Assert.Same(messages[2], log.After(2));
        log.Acknowledged(long.MaxValue);
        Assert.Null(log.After(0));
        Assert.Equal(0, log.Waiting);

        Assert.True(log.IsNext(1, out var upTo));
        Assert.False(log.IsNext(1, out _));
        Assert.False(log.IsNext(3, out _));
        Assert.True(log.IsNext(2, out upTo));
        Assert.Equal(2, upTo);
    }

    [Fact]
    public void A_new_incarnation_gets_what_was_sent_before_anyone_was_met_and_nothing_of_the_old_ones()
    {
        var log = new SystemMessageLog();
        var first = Message();
        log.Add(first);

        log.Restart(keepWaiting: true);
        Assert.Same(first, log.After(0));
        log.Restart(keepWaiting: false);
        Assert.Null(log.After(0));
        log.Add(Message());
        Assert.Equal(1, log.Last);
        Assert.True(log.IsNext(1, out _));
    }

    private static int Pause(RetryGate gate) => (int)gate.Close().TotalMilliseconds;

    private static string? Line(LogBudget budget, long now) => budget.Spend(now, out var note) ? note : null;

    private static RemoteSystemMessage Message() => new(RemoteSystemKind.Watch, null!, ActorRefs.Nobody);
}

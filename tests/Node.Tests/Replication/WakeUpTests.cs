using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Messages;
using Failover.Node.Replication;

namespace Failover.Node.Tests.Replication;

public sealed class WakeUpTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly ManualTime _time = new();
    private readonly WakeUp _wakeUp;

    public WakeUpTests()
        : base("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"") =>
        _wakeUp = new WakeUp(Sys.Scheduler, new MonotonicClock(_time), TestActor, "due");

    [Fact]
    public void It_tells_when_something_is_due_and_once()
    {
        _wakeUp.At(Ms(100));

        Pass(99);
        ExpectNoMsg(TimeSpan.Zero);
        Pass(1);
        ExpectMsg("due");
        Pass(1_000);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void What_is_put_off_is_told_when_it_is_due_then()
    {
        _wakeUp.At(Ms(100));
        _wakeUp.At(Ms(500));

        Pass(100);
        Pass(399);
        ExpectNoMsg(TimeSpan.Zero);
        Pass(1);

        ExpectMsg("due");
    }

    [Fact]
    public void What_is_due_sooner_than_was_thought_is_told_once_and_in_time()
    {
        _wakeUp.At(Ms(500));
        _wakeUp.At(Ms(100));

        Pass(100);
        ExpectMsg("due");
        Pass(400);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void What_is_called_off_is_not_told()
    {
        _wakeUp.At(Ms(100));
        _wakeUp.At(null);

        Pass(100);

        ExpectNoMsg(TimeSpan.Zero);
    }

    private void Pass(int milliseconds)
    {
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private static Instant Ms(int milliseconds) => new(TimeSpan.FromMilliseconds(milliseconds));
}

using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>The logger of the test kit: prints what no event filter expects or hides.</summary>
public class TestEventListener : DefaultLogger
{
    private readonly List<LogExpectation> _expectations = [];

    /// <summary>An order to every listener of a system, through its event stream.</summary>
    internal abstract record Order : INoSerializationVerificationNeeded
    {
        private Order() { }

        public sealed record Mute(LogExpectation Expectation) : Order;

        public sealed record Unmute(LogExpectation Expectation) : Order;

        /// <summary>Completes when everything published before has been looked at.</summary>
        public sealed record Flush(TaskCompletionSource Done) : Order;
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                initialize.LoggingBus.Subscribe(Self, typeof(Order));
                initialize.LoggingBus.Subscribe(Self, typeof(DeadLetter));
                return base.Receive(message);
            case Order.Mute mute:
                _expectations.Add(mute.Expectation);
                return true;
            case Order.Unmute unmute:
                _expectations.Remove(unmute.Expectation);
                return true;
            case Order.Flush flush:
                flush.Done.TrySetResult();
                return true;
            case LogEvent or DeadLetter when IsExpected(message):
            // The engine's own listener logs dead letters; here they are only counted.
            case DeadLetter:
                return true;
            default:
                return base.Receive(message);
        }
    }

    private bool IsExpected(object logged)
    {
        var expected = false;
        foreach (var expectation in _expectations)
            expected |= expectation.TryCount(logged);
        return expected;
    }
}

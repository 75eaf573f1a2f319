using Akka.Actor;

namespace Akka.TestKit;

/// <summary>The actor behind every test kit and probe: what it is told, the test can expect.</summary>
internal sealed class TestActorCore(TestQueue queue) : ActorBase
{
    private AutoPilot _pilot = NoAutoPilot.Instance;
    private Func<object, bool>? _ignore;

    /// <summary>An order of the test to its actor.</summary>
    internal abstract record Order : INoSerializationVerificationNeeded
    {
        private Order() { }

        public sealed record Watch(IActorRef Actor) : Order;

        public sealed record Unwatch(IActorRef Actor) : Order;

        public sealed record SetAutoPilot(AutoPilot Pilot) : Order;

        public sealed record SetIgnore(Func<object, bool>? Ignore) : Order;
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Order.Watch watch:
                Context.Watch(watch.Actor);
                break;
            case Order.Unwatch unwatch:
                Context.Unwatch(unwatch.Actor);
                break;
            case Order.SetAutoPilot set:
                _pilot = set.Pilot;
                break;
            case Order.SetIgnore set:
                _ignore = set.Ignore;
                break;
            default:
                Record(message);
                break;
        }

        return true;
    }

    private void Record(object message)
    {
        if (_pilot.Run(Sender, message) is not KeepRunning and var next)
            _pilot = next;
        if (_ignore?.Invoke(message) != true)
            queue.Add(new RealMessageEnvelope(message, Sender));
    }
}

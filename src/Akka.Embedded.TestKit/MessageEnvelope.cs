using Akka.Actor;

namespace Akka.TestKit;

/// <summary>A message and who sent it.</summary>
public abstract class MessageEnvelope
{
    public abstract object? Message { get; }

    public abstract IActorRef Sender { get; }
}

public class RealMessageEnvelope(object message, IActorRef sender) : MessageEnvelope
{
    public override object Message { get; } = message;

    public override IActorRef Sender { get; } = sender;

    public override string ToString() => $"<{Message}> from {Sender}";
}

/// <summary>No message came yet.</summary>
public sealed class NullMessageEnvelope : MessageEnvelope
{
    internal static readonly NullMessageEnvelope Instance = new();

    private NullMessageEnvelope() { }

    public override object? Message => throw new InvalidOperationException("There is no last message");

    public override IActorRef Sender => throw new InvalidOperationException("There is no last message");

    public override string ToString() => "<null>";
}

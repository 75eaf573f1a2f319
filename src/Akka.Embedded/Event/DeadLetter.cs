using Akka.Actor;

namespace Akka.Event;

/// <summary>A message that its recipient did not get.</summary>
public abstract class AllDeadLetters : IWrappedMessage
{
    internal AllDeadLetters(object message, IActorRef sender, IActorRef recipient)
    {
        Message = message;
        Sender = sender;
        Recipient = recipient;
    }

    public object Message { get; }

    public IActorRef Recipient { get; }

    public IActorRef Sender { get; }

    public override string ToString() => $"{GetType().Name} from {Sender} to {Recipient}: <{Message}>";
}

/// <summary>The recipient does not exist, or not any more.</summary>
public sealed class DeadLetter : AllDeadLetters
{
    internal DeadLetter(object message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient) { }
}

/// <summary>A dead letter of a kind that is normal.</summary>
public sealed class SuppressedDeadLetter : AllDeadLetters
{
    internal SuppressedDeadLetter(IDeadLetterSuppression message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient) { }
}

/// <summary>The recipient got the message and had no handler for it.</summary>
public sealed class UnhandledMessage : AllDeadLetters
{
    internal UnhandledMessage(object message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient) { }
}

/// <summary>The message was discarded on purpose, because of a limit.</summary>
public sealed class Dropped : AllDeadLetters
{
    internal Dropped(object message, string reason, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient) => Reason = reason;

    internal string Reason { get; }
}

using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A reference to an actor of this process that does not exist: what it is told becomes a dead letter.</summary>
internal class EmptyLocalActorRef(ActorSystemImpl system, ActorPath path) : MinimalActorRef
{
    public override ActorPath Path { get; } = path;

    public override bool IsTerminated => true;

    protected ActorSystemImpl System { get; } = system;

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is Watch watch && !watch.Watcher.Equals(this))
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, false, false));
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (message is DeadLetter letter)
            Publish(letter.Message, letter.Sender, letter.Recipient);
        else
            Publish(message, sender, this);
    }

    private void Publish(object message, IActorRef? sender, IActorRef recipient)
    {
        sender ??= System.DeadLetters;
        switch (message)
        {
            case Identify identify:
                sender.Tell(new ActorIdentity(identify.MessageId, null), recipient);
                break;
            case ActorSelectionMessage { Message: Identify identify }:
                sender.Tell(new ActorIdentity(identify.MessageId, null), recipient);
                break;
            case ActorSelectionMessage selected:
                Publish(selected.Message, sender, recipient);
                break;
            case IDeadLetterSuppression suppressed:
                System.EventStream.Publish(new SuppressedDeadLetter(suppressed, sender, recipient));
                break;
            case TimerFired:
                // A timer of an actor that has ended meanwhile.
                break;
            default:
                System.EventStream.Publish(new DeadLetter(message, sender, recipient));
                break;
        }
    }
}

/// <summary>Where messages go that nobody takes.</summary>
internal sealed class DeadLetterActorRef(ActorSystemImpl system, ActorPath path) : EmptyLocalActorRef(system, path)
{
    public override bool IsTerminated => false;
}

/// <summary>Swallows everything.</summary>
internal sealed class IgnoreActorRef(ActorPath path) : MinimalActorRef
{
    public override ActorPath Path { get; } = path;
}

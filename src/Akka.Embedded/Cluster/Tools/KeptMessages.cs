using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools;

/// <summary>What an actor keeps for a receiver that it does not know yet; what finds no room goes to the dead letters, the oldest first.</summary>
/// <param name="context">Of the actor that keeps them: only it calls.</param>
/// <param name="limit">How many are kept; with 0 none.</param>
internal sealed class KeptMessages(IActorContext context, ILoggingAdapter log, int limit)
{
    private readonly Queue<(object Message, IActorRef Sender)> _kept = new();

    public void Keep(object message, IActorRef from)
    {
        if (limit == 0)
        {
            context.System.DeadLetters.Tell(message, from);
            return;
        }

        if (_kept.Count >= limit)
        {
            var (dropped, sender) = _kept.Dequeue();
            log.Warning("The buffer of [{0}] is full, dropping [{1}]", context.Self.Path, dropped.GetType());
            context.System.DeadLetters.Tell(dropped, sender);
        }

        _kept.Enqueue((message, from));
    }

    public void DeliverTo(IActorRef receiver)
    {
        while (_kept.TryDequeue(out var kept))
            receiver.Tell(kept.Message, kept.Sender);
    }
}

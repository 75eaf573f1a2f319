using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Sending a message and waiting for the answer.</summary>
public static class Futures
{
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(
        this ICanTell self,
        object message,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) => AskWith<T>(self, static (_, m) => m, message, timeout, cancellationToken);

    private static Task<T> AskWith<T>(
        ICanTell target,
        Func<IActorRef, object, object> toMessage,
        object argument,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var system =
            SystemOf(target)
            ?? throw new ArgumentException("Unable to resolve the target's actor system", nameof(target));
        var answer = FutureActorRef<T>.Start(system, target, timeout ?? system.Settings.AskTimeout, cancellationToken);
        target.Tell(toMessage(answer, argument), answer);
        return answer.Task;
    }

    private static ActorSystemImpl? SystemOf(ICanTell target) =>
        target switch
        {
            LocalActorRef local => local.Cell.System,
            ISystemBound bound => bound.System,
            ActorSelection selection => SystemOf(selection.Anchor),
            _ => ActorCell.Current?.System,
        };
}

/// <summary>A reference that knows its system.</summary>
internal interface ISystemBound
{
    ActorSystemImpl System { get; }
}

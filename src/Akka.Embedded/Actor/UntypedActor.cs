using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>An actor with one method for all messages.</summary>
public abstract class UntypedActor : ActorBase
{
    protected static new IUntypedActorContext Context => ActorCell.RequireCurrent();

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected abstract void OnReceive(object message);

    /// <summary>Runs <paramref name="action"/> as part of the current message: the next one waits for its end.</summary>
    internal void RunTask(Func<Task> action) => ActorCell.RequireCurrent().RunTask(action);

    protected void Become(UntypedReceive receive) => Context.Become(receive);
}

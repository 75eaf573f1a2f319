using Akka.Actor;
using Akka.Event;

namespace Failover.Node.Hosting;

/// <summary>
/// Ends the node when an actor that it cannot do without has ended by itself. None is started again in place: a new
/// proposer would repeat ballots, a new router request numbers. A new process has a new incarnation and repeats neither.
/// </summary>
internal sealed class VitalActors : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _ends;

    public VitalActors()
    {
        Receive<Needed>(m => Context.Watch(m.Actor));
        Receive<Terminated>(m => OnTerminated(m.ActorRef));
    }

    internal sealed record Needed(IActorRef Actor);

    private void OnTerminated(IActorRef ended)
    {
        // A node that is told to stop ends its actors in no particular order, and one that ends all the others after the first.
        if (_ends || CoordinatedShutdown.Get(Context.System).ShutdownReason is not null)
            return;
        _ends = true;
        _log.Error("{0} has ended, and this node cannot do without it: the node ends", ended.Path.Name);
        Context.System.Terminate();
    }
}

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

    public VitalActors(params IActorRef[] vital)
    {
        foreach (var actor in vital)
            Context.Watch(actor);
        Receive<Terminated>(m => OnTerminated(m.ActorRef));
    }

    private void OnTerminated(IActorRef ended)
    {
        _log.Error("{0} has ended, and this node cannot do without it: the node ends", ended.Path.Name);
        Context.System.Terminate();
    }
}

using Akka.Actor;

namespace Failover.Node.Tests.Membership;

/// <summary>Stands where another actor is looked for, and passes on what it is told.</summary>
internal sealed class Forwarder : ReceiveActor
{
    public Forwarder(IActorRef receiver) => ReceiveAny(receiver.Forward);

    public static Props To(IActorRef receiver) => Props.Create(() => new Forwarder(receiver));
}

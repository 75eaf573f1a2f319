using Akka.Actor;

namespace Akka.Cluster.Tools.Client;

/// <summary>The sender that a service sees: what is told to it goes on to the client.</summary>
internal sealed class ResponseTunnel : ReceiveActor
{
    public ResponseTunnel(IActorRef client, TimeSpan timeout)
    {
        // An ask takes one answer and is gone.
        var isAsk = client.Path.Elements[0] == "temp";
        SetReceiveTimeout(timeout);
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
        ReceiveAny(answer =>
        {
            client.Tell(answer, ActorRefs.NoSender);
            if (isAsk)
                Context.Stop(Self);
        });
    }
}

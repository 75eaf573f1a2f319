using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Messages;

namespace Failover.MultiNode;

/// <summary>Sits on a node and writes into the journal what its actors say to each other.</summary>
internal sealed class Witness : ReceiveActor
{
    public Witness(NodeId node, Journal journal) => ReceiveAny(message => journal.Add(node, message));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
        Context.System.EventStream.Subscribe(Self, typeof(Happening));
        Context.System.EventStream.Subscribe(Self, typeof(LogEvent));
        Context.ActorSelection($"/user/{ActorNames.Register}").Tell(ReadFormation.Instance);
        Context.ActorSelection($"/user/{ActorNames.Heartbeat}").Tell(ObserveNodes.Instance);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}

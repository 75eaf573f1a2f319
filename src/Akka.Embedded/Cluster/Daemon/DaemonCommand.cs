using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Daemon;

/// <summary>What this process asks of its own cluster daemon.</summary>
internal abstract record DaemonCommand : INoSerializationVerificationNeeded
{
    private DaemonCommand() { }

    public sealed record Subscribe(
        IActorRef Subscriber,
        ClusterEvent.SubscriptionInitialStateMode Mode,
        ImmutableArray<Type> To
    ) : DaemonCommand;

    /// <param name="To">Null: from everything.</param>
    public sealed record Unsubscribe(IActorRef Subscriber, Type? To) : DaemonCommand;

    public sealed record SendState(IActorRef Receiver) : DaemonCommand;

    public sealed record JoinSeeds(ImmutableList<Address> Seeds) : DaemonCommand;

    public sealed record Leave(Address Address) : DaemonCommand;

    public sealed record Down(Address Address) : DaemonCommand;

    /// <summary>This node is exiting and has handed everything over.</summary>
    public sealed record ConfirmExiting : DaemonCommand;

    /// <summary>A removed incarnation has had the time to say goodbye; nothing is exchanged with it any more.</summary>
    public sealed record Quarantine(UniqueAddress Node) : DaemonCommand;

    /// <summary>The node's next deadline has come.</summary>
    public sealed record Tick : DaemonCommand;
}

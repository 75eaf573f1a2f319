using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Views;

namespace Failover.Messages;

// What the actors of one node say to each other. These never leave the process.

/// <summary>Asks the register actor for a change. Its end comes back as <see cref="ChangeEnded"/>.</summary>
/// <param name="Patience">How long to try for a majority.</param>
public sealed record ProposeChange(Change Change, TimeSpan Patience);

/// <summary>The sender's proposal of this change has lost its reason.</summary>
public sealed record WithdrawChange(Change Change);

public sealed record ChangeEnded(Change Change, ProposalOutcome Outcome);

/// <summary>Asks the register actor for <see cref="FormationRead"/>, as soon as a majority has told it.</summary>
public sealed record ReadFormation
{
    public static readonly ReadFormation Instance = new();
}

/// <summary>A majority told the state for the first time since this process started; null: no formation exists.</summary>
public sealed record FormationRead(FormationState? State);

/// <summary>A state newer than all before is committed. Published on the node's event stream.</summary>
public sealed record StateLearned(FormationState State);

/// <summary>A node was met, or met anew. Published on the node's event stream.</summary>
public sealed record NodeMet(NodeInfo Node);

/// <summary>A node, this one or another, was heard of or judged anew.</summary>
public sealed record NodeObserved(NodeId Node, NodeReport? Report, Assessment Assessment);

/// <summary>The receiver tells the sender every <see cref="NodeObserved"/> from now on.</summary>
public sealed record ObserveNodes
{
    public static readonly ObserveNodes Instance = new();
}

/// <summary>The Monitor singleton started or stopped on this node.</summary>
public sealed record MonitorRuns(bool Running);

/// <summary>The cluster's failure detector changed its mind about a node.</summary>
public sealed record ClusterReachability(NodeId Node, bool Reachable);

/// <summary>A watched actor of another node ended.</summary>
public sealed record ActorEnded(NodeId Node);

/// <summary>An operator forces a failover; answered with <see cref="FailoverForced"/>.</summary>
public sealed record ForceFailover(PartitionId Partition, bool AcceptDataLoss);

/// <summary>How a forced failover ended.</summary>
public abstract record FailoverForced
{
    private FailoverForced() { }

    public sealed record Done(FormationState? State) : FailoverForced;

    public sealed record Refused(string Reason) : FailoverForced;

    /// <summary>The primary is well: it should hand over itself.</summary>
    public sealed record Healthy(NodeId Primary) : FailoverForced;
}

/// <summary>Something for an operator to read. Published on the node's event stream.</summary>
/// <param name="Kind"><c>view</c>, <c>membership</c>, <c>decision</c>, <c>heartbeat</c>, <c>report</c>, <c>role</c>, <c>health</c> or <c>application</c>.</param>
public sealed record Happening(string Kind, string Message);

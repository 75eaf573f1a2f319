using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;

namespace Failover.Messages;

/// <summary>A message that may leave the process: bound to <see cref="WireSerializer"/> in the configuration.</summary>
public interface IWireMessage;

/// <summary>One replica to another, both of <paramref name="Partition"/>.</summary>
public sealed record ReplicaEnvelope(PartitionId Partition, NodeId From, ReplicaMessage Message) : IWireMessage;

/// <summary>A proposer to an acceptor, or back.</summary>
public sealed record RegisterEnvelope(NodeId From, RegisterMessage Message) : IWireMessage;

/// <summary>News: this state is committed.</summary>
public sealed record StateCommitted(FormationState State) : IWireMessage;

/// <summary>The sender has seen a sign of a newer committed state than it knows; answered with <see cref="StateCommitted"/>.</summary>
public sealed record StateWanted(NodeId From) : IWireMessage;

/// <summary>A node tells who it is and where.</summary>
/// <param name="AnswerWanted">The receiver should introduce itself in turn.</param>
public sealed record Introduction(NodeInfo Node, bool AnswerWanted) : IWireMessage;

/// <summary>Who a process is and where it listens.</summary>
/// <param name="Address">Its actor system's address.</param>
/// <param name="Http">Its HTTP base address; empty if it serves none.</param>
public sealed record NodeInfo(
    NodeId Node,
    Incarnation Incarnation,
    ImmutableArray<string> Roles,
    string Address,
    string Http,
    string ProbeHost,
    int ProbePort,
    string Version
)
{
    /// <summary>Where its inspection port is, as <c>host:port</c>; empty if it has none.</summary>
    public string Pbm { get; init; } = "";

    /// <summary>By which its cluster tells this process from another one at the same address.</summary>
    public int Uid { get; init; }

    public const string DataRole = "data";

    public const string MonitorRole = "monitor";

    public bool HasData => Roles.Contains(DataRole);
}

/// <summary>A client's request on its way to the primary. Answered to its sender with the same id.</summary>
public abstract record Request(long Id, PartitionId Partition) : IWireMessage
{
    public sealed record Write(long Id, PartitionId Partition, Command Command, SessionStamp? Session)
        : Request(Id, Partition);

    public sealed record Read(long Id, PartitionId Partition, string Key) : Request(Id, Partition);

    /// <summary>One key as the receiving replica has it, which may be behind.</summary>
    public sealed record Peek(long Id, PartitionId Partition, string Key) : Request(Id, Partition);

    /// <summary>The whole map, linearizably; answered with <see cref="MapPart"/>s.</summary>
    public sealed record ReadMap(long Id, PartitionId Partition) : Request(Id, Partition);

    /// <summary>The whole map as the receiving replica has it; answered with <see cref="MapPart"/>s.</summary>
    public sealed record CopyMap(long Id, PartitionId Partition) : Request(Id, Partition);

    public sealed record Switchover(long Id, PartitionId Partition, NodeId? To, string Reason) : Request(Id, Partition)
    {
        public ImmutableArray<string> Evidence { get; init; } = [];

        /// <summary>The Monitor decided it, not an operator.</summary>
        public bool IsAutomatic { get; init; }
    }
}

public sealed record Answer(long Id, RequestOutcome Outcome) : IWireMessage;

/// <summary>Part of a map; the next one is sent when <see cref="MoreOfMap"/> asks for it.</summary>
public sealed record MapPart(long Id, ImmutableArray<KeyValuePair<string, StoredValue>> Entries, bool Final)
    : IWireMessage;

public sealed record MoreOfMap(long Id) : IWireMessage;

/// <summary>What travels on a probe connection.</summary>
public abstract record ProbeFrame
{
    private ProbeFrame() { }

    /// <param name="SentAt">On the sender's clock; given back unchanged.</param>
    /// <param name="NextWithin">How soon the sender's next one follows; null if it does not say.</param>
    public sealed record Heartbeat(NodeReport Report, Instant SentAt, TimeSpan? NextWithin) : ProbeFrame;

    /// <summary>A voter's answer to a claim, and its heartbeat.</summary>
    /// <param name="Report">The voter's; null from a program that does not count its answers as heartbeats.</param>
    /// <param name="NextWithin">How soon the voter's next answer or heartbeat follows; null if it does not say.</param>
    public sealed record HeartbeatAck(
        NodeId Voter,
        Instant SentAt,
        IReadOnlyList<LeaseAnswer> Answers,
        NodeReport? Report,
        TimeSpan? NextWithin
    ) : ProbeFrame;
}

/// <summary>The sender wants to make its application primary in this epoch, once the receiver's is none.</summary>
public sealed record StepAside(NodeId From, Epoch Epoch) : IWireMessage;

/// <summary>The sender's application is no primary, and becomes none in this epoch or an older one.</summary>
public sealed record SteppedAside(NodeId From, Epoch Epoch) : IWireMessage;

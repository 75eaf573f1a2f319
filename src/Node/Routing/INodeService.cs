using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Store;

namespace Failover.Node.Routing;

/// <summary>What the HTTP front asks of the node it runs in. Any method may be called from any thread.</summary>
internal interface INodeService
{
    NodeId Self { get; }

    /// <summary>What this node knows of the formation now; replaced as a whole, never changed in place.</summary>
    NodeSnapshot Current { get; }

    /// <summary>How far each partition's log is known to have come, spelled for <c>Failover-Position</c>.</summary>
    string Reached { get; }

    /// <summary>
    /// Carries out a write on the primary, wherever it is. During a failover the request is held and sent again
    /// under the same session until <paramref name="timeout"/> runs out.
    /// </summary>
    /// <param name="command">What to do.</param>
    /// <param name="session">The client's own mark; null lets the node make one.</param>
    Task<ServiceAnswer<WriteDone>> Write(
        Command command,
        ClientStamp? session,
        TimeSpan timeout,
        CancellationToken cancellation
    );

    /// <summary>Reads one key: at the primary, or with <paramref name="stale"/> from this node's own replica.</summary>
    Task<ServiceAnswer<StoredValue?>> Read(string key, bool stale, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>The whole map as one replica holds it.</summary>
    /// <param name="replica"><c>primary</c>, <c>standby</c> or a node's name.</param>
    Task<ServiceAnswer<ImmutableDictionary<string, StoredValue>>> ReadAll(
        string replica,
        TimeSpan timeout,
        CancellationToken cancellation
    );

    /// <summary>An operator's command; the answer is the state it led to, or why it was refused.</summary>
    Task<ServiceAnswer<OperationDone>> Operate(Operation operation, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>Calls <paramref name="observer"/> with every event from now on, until the result is disposed.</summary>
    IDisposable Observe(Action<NodeEvent> observer);
}

/// <summary>A client's own session mark, from the <c>Failover-Client</c> and <c>Failover-Request</c> headers.</summary>
/// <param name="Since">
/// <c>Failover-Since</c>: how far each partition's log had come, for all the client knew, before it sent the request for
/// the first time; null when it does not say so, and this is the first time.
/// </param>
internal sealed record ClientStamp(string Client, long Request, IReadOnlyList<Position>? Since = null)
{
    /// <summary>A partition that the client has heard nothing of may hold the request at any place.</summary>
    public Position? SinceIn(PartitionId partition) =>
        Since is null ? null
        : partition.Value < Since.Count ? Since[partition.Value]
        : Position.Zero;
}

/// <summary>Either a value or the reason why there is none.</summary>
internal readonly record struct ServiceAnswer<T>(T? Value, Refusal? Refusal)
{
    public static implicit operator ServiceAnswer<T>(T value) => new(value, null);

    public static implicit operator ServiceAnswer<T>(Refusal refusal) => new(default, refusal);
}

/// <summary>Why a request was not carried out.</summary>
/// <param name="Reason">A stable word for programs.</param>
/// <param name="Detail">One sentence for people.</param>
internal sealed record Refusal(RefusalReason Reason, string Detail);

internal enum RefusalReason
{
    /// <summary>No primary could answer within the time given: 503.</summary>
    NoPrimary,

    /// <summary>Fewer in-sync replicas than <c>min-in-sync</c>: 503.</summary>
    NotEnoughReplicas,

    /// <summary>Too many requests wait already: 503.</summary>
    Overloaded,

    /// <summary>The named node is not part of the formation: 404.</summary>
    UnknownNode,

    /// <summary>The named node or replica does not answer: 503.</summary>
    Unreachable,

    /// <summary>The session's answer is no longer kept: 409.</summary>
    SessionExpired,

    /// <summary>The operation does not fit the formation's state: 409.</summary>
    Conflict,
}

internal sealed record WriteDone(CommandResult Result, Epoch Epoch);

internal sealed record OperationDone(long Version, Epoch Epoch, NodeId? Primary, string Message);

/// <summary>What an operator may ask for.</summary>
internal abstract record Operation
{
    private Operation() { }

    public sealed record Switchover(PartitionId? Partition, NodeId? To) : Operation;

    public sealed record ForceFailover(PartitionId? Partition, bool AcceptDataLoss) : Operation;

    public sealed record SetMaintenance(NodeId Node, bool Enabled) : Operation;

    public sealed record SetPaused(bool Paused) : Operation;

    /// <summary>Spreads the partitions' primaries evenly, by as few switchovers as that takes.</summary>
    public sealed record Rebalance : Operation;

    /// <summary>Gives a node a vote, or takes it away.</summary>
    public sealed record SetVoter(NodeId Node, bool Votes) : Operation;
}

/// <summary>Something that happened, for people who watch.</summary>
/// <param name="Kind"><c>view</c>, <c>membership</c>, <c>decision</c>, <c>heartbeat</c> or <c>role</c>.</param>
internal sealed record NodeEvent(string Kind, DateTimeOffset At, NodeId Node, string Message);

/// <summary>The formation as this node sees it.</summary>
internal sealed record NodeSnapshot(
    FormationId? Formation,
    long Version,
    bool Paused,
    NodeId? Monitor,
    ImmutableArray<NodeView> Nodes,
    ImmutableArray<PartitionView> Partitions,
    ImmutableArray<NodeId> Voters,
    ImmutableArray<HistoryView> History,
    ImmutableArray<string> Problems
)
{
    /// <summary>The voters before the change of voters that is under way; empty when there is none.</summary>
    public ImmutableArray<NodeId> FormerVoters { get; init; } = [];

    /// <summary>The address of the cluster's leader (the member that lets others in), not of any partition's primary.</summary>
    public string? Leader { get; init; }

    /// <summary>What deserves a person's attention though nothing is broken now. Not a problem: it makes no node unhealthy.</summary>
    public ImmutableArray<string> Alarms { get; init; } = [];

    /// <summary>What the application is that this node's handler puts into its role: <c>primary</c>, <c>standby</c>, <c>changing</c>; null without a handler.</summary>
    public string? Application { get; init; }

    public static NodeSnapshot Unknown { get; } = new(null, 0, false, null, [], [], [], [], ["starting"]);
}

/// <param name="Status">The cluster membership status, lower case; <c>down</c> when not a member.</param>
/// <param name="Reachability"><c>reachable</c>, <c>unreachable</c> or <c>unknown</c>.</param>
/// <param name="HeartbeatAge">How long ago its last heartbeat came; zero for this node itself; null if none ever came.</param>
internal sealed record NodeView(
    NodeId Node,
    ImmutableArray<string> Roles,
    string? Address,
    string? Http,
    string Status,
    string Reachability,
    TimeSpan? HeartbeatAge,
    double Phi,
    string Probe,
    bool Maintenance,
    string? Version,
    ImmutableArray<ReplicaView> Replicas
)
{
    /// <summary>Where its inspection port is, as <c>host:port</c>; null if unknown.</summary>
    public string? Pbm { get; init; }
}

/// <param name="Reported">What the replica says it is: <c>starting</c>, <c>candidate</c>, <c>joining</c>, <c>standby</c>, <c>promoting</c>, <c>primary</c>, <c>draining</c>, <c>failed</c>, <c>unknown</c>.</param>
/// <param name="Assigned">What the formation's view says it should be: <c>primary</c>, <c>standby</c>, <c>joining</c>, <c>none</c>.</param>
/// <param name="Lag">Entries behind the primary's last one; null when unknown.</param>
internal sealed record ReplicaView(
    PartitionId Partition,
    string Reported,
    string Assigned,
    Epoch Epoch,
    Position Position,
    long Commit,
    long? Lag,
    TimeSpan? LeaseRemaining,
    string? Trouble
);

internal sealed record PartitionView(
    PartitionId Partition,
    Epoch Epoch,
    NodeId? Primary,
    ImmutableArray<NodeId> InSync,
    bool Serving
);

/// <param name="Kind"><c>created</c>, <c>failover</c>, <c>switchover</c>, <c>forced</c>, <c>in-sync-added</c>, <c>in-sync-removed</c>, <c>maintenance-enabled</c>, …</param>
internal sealed record HistoryView(
    long Version,
    DateTimeOffset At,
    string Kind,
    PartitionId? Partition,
    Epoch Epoch,
    NodeId? From,
    NodeId? To,
    string Reason,
    ImmutableArray<string> Evidence,
    ImmutableDictionary<string, double> PhasesMs
);

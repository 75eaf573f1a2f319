using System.Text.Json;
using System.Text.Json.Serialization;

namespace Failover.Node.Http;

// The JSON documents of the front, as interfaces and clients know them: members may be added, never renamed.

internal sealed record UpdateDone(long Version, long Epoch, int Updated);

internal sealed record OperationAnswer(long Version, long Epoch, string? Primary, string Message);

internal sealed record SwitchoverRequest(string? To = null, int? Partition = null);

internal sealed record FailoverRequest(bool AcceptDataLoss = false, int? Partition = null);

internal sealed record PositionDocument(long Epoch, long Sequence);

internal sealed record ClusterDocument(
    string Self,
    string? Formation,
    long Version,
    bool Paused,
    string? Monitor,
    string? Leader,
    IReadOnlyList<NodeDocument> Nodes,
    IReadOnlyList<PartitionDocument> Partitions,
    IReadOnlyList<string> Voters,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Alarms
);

internal sealed record NodeDocument(
    string Node,
    IReadOnlyList<string> Roles,
    string? Address,
    string? Http,
    string? Pbm,
    string Status,
    string Reachability,
    double? HeartbeatAgeMs,
    double Phi,
    string Probe,
    bool Maintenance,
    string? Version,
    IReadOnlyList<ReplicaDocument> Replicas
);

internal sealed record ReplicaDocument(
    int Partition,
    string Reported,
    string Assigned,
    long Epoch,
    PositionDocument Position,
    long Commit,
    long? Lag,
    double? LeaseRemainingMs,
    string? Trouble
);

internal sealed record PartitionDocument(
    int Partition,
    long Epoch,
    string? Primary,
    IReadOnlyList<string> InSync,
    bool Serving
);

/// <param name="Former">While the list changes: the one before, of which a majority is needed, too.</param>
internal sealed record VotersDocument(
    long Version,
    IReadOnlyList<string> Voters,
    IReadOnlyList<string> Former,
    int Majority
);

internal sealed record HistoryDocument(IReadOnlyList<HistoryEvent> Events);

internal sealed record HistoryEvent(
    long Version,
    string At,
    string Kind,
    int? Partition,
    long Epoch,
    string? From,
    string? To,
    string Reason,
    IReadOnlyList<string> Evidence,
    IReadOnlyDictionary<string, double>? PhasesMs
);

internal sealed record NodeHealth(
    string Status,
    string Node,
    string? Formation,
    long Version,
    IReadOnlyList<string> Reasons
);

internal sealed record RoleDocument(
    string Node,
    int Partition,
    string Role,
    string Assigned,
    long Epoch,
    PositionDocument? Position,
    long? Lag,
    bool InSync,
    bool Serving
);

internal sealed record ProcessDocument(string Status, string Node);

internal sealed record SystemStatus(
    string Status,
    string? Formation,
    long Version,
    bool AutomaticFailover,
    string? Monitor,
    string? Leader,
    long Epoch,
    int TotalNodes,
    int HealthyNodes,
    IReadOnlyList<PartitionDocument> Partitions,
    IReadOnlyList<string> Problems
);

internal sealed record FailoverStatus(
    string Node,
    string InstanceId,
    bool IsLeader,
    string Role,
    long Epoch,
    int Partition,
    double? HeartbeatAgeMs,
    PositionDocument? Position,
    string? Application
);

/// <summary>Seed 001's document, with its own spelling.</summary>
internal sealed record StoreHealth(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("cluster")] StoreCluster Cluster
);

internal sealed record StoreCluster(
    [property: JsonPropertyName("replication_enabled")] bool ReplicationEnabled,
    [property: JsonPropertyName("total_nodes")] int TotalNodes,
    [property: JsonPropertyName("healthy_nodes")] int HealthyNodes,
    [property: JsonPropertyName("unhealthy_nodes")] int UnhealthyNodes,
    [property: JsonPropertyName("required_for_quorum")] int RequiredForQuorum,
    [property: JsonPropertyName("has_quorum")] bool HasQuorum,
    [property: JsonPropertyName("can_accept_writes")] bool CanAcceptWrites,
    [property: JsonPropertyName("automatic_failover_enabled")] bool AutomaticFailoverEnabled,
    [property: JsonPropertyName("retry_attempts")] int RetryAttempts,
    [property: JsonPropertyName("nodes")] IReadOnlyList<StoreNode> Nodes
);

internal sealed record StoreNode(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("healthy")] bool Healthy
);

internal sealed record EventDocument(string At, string Kind, string Node, string Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false
)]
[JsonSerializable(typeof(UpdateDone))]
[JsonSerializable(typeof(OperationAnswer))]
[JsonSerializable(typeof(SwitchoverRequest))]
[JsonSerializable(typeof(FailoverRequest))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(VotersDocument))]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(NodeHealth))]
[JsonSerializable(typeof(RoleDocument))]
[JsonSerializable(typeof(ProcessDocument))]
[JsonSerializable(typeof(SystemStatus))]
[JsonSerializable(typeof(FailoverStatus))]
[JsonSerializable(typeof(StoreHealth))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class Documents : JsonSerializerContext;

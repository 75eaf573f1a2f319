using System.Text.Json;
using System.Text.Json.Serialization;

namespace Failover.Client.Api;

/// <summary>The part of <c>GET /cluster</c> that this program reads; what it does not know it leaves alone.</summary>
internal sealed record ClusterDocument(
    string? Formation,
    long Version,
    bool Paused,
    string? Monitor,
    string? Leader,
    string? Self,
    IReadOnlyList<NodeDocument>? Nodes,
    IReadOnlyList<PartitionDocument>? Partitions,
    IReadOnlyList<string>? Problems,
    IReadOnlyList<string>? Alarms = null
);

internal sealed record NodeDocument(
    string Node,
    IReadOnlyList<string>? Roles,
    string? Address,
    string? Http,
    string? Status,
    string? Reachability,
    double? HeartbeatAgeMs,
    bool Maintenance,
    string? Version,
    IReadOnlyList<ReplicaDocument>? Replicas,
    string? Pbm = null
);

internal sealed record ReplicaDocument(
    int Partition,
    string? Reported,
    string? Assigned,
    long? Epoch,
    PositionDocument? Position,
    long? Commit,
    long? Lag
);

internal sealed record PositionDocument(long Epoch, long Sequence);

internal sealed record PartitionDocument(int Partition, long Epoch, string? Primary, IReadOnlyList<string>? InSync);

internal sealed record VotersDocument(IReadOnlyList<string>? Voters, IReadOnlyList<string>? Former);

internal sealed record HistoryDocument(IReadOnlyList<HistoryEvent>? Events);

internal sealed record HistoryEvent(
    long Version,
    DateTimeOffset? At,
    string? Kind,
    int? Partition,
    long? Epoch,
    string? From,
    string? To,
    string? Reason,
    IReadOnlyList<string>? Evidence,
    PhasesDocument? PhasesMs
);

internal sealed record PhasesDocument(double? Drained, double? Detected, double? Decided, double? Promoted);

internal sealed record EntryDocument(string? Key, JsonElement Value, long? Version);

internal sealed record WrittenDocument(string? Key, long? Version, long? Epoch);

internal sealed record UpdatedDocument(long? Version, long? Epoch, int? Updated);

internal sealed record OperationDocument(long? Version, long? Epoch, string? Primary, string? Message);

internal sealed record ProblemDocument(string? Title, int? Status, string? Detail, string? Reason);

internal sealed record EventDocument(DateTimeOffset? At, string? Node, string? Message);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(VotersDocument))]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(EntryDocument))]
[JsonSerializable(typeof(WrittenDocument))]
[JsonSerializable(typeof(UpdatedDocument))]
[JsonSerializable(typeof(OperationDocument))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(EventDocument))]
internal sealed partial class DocumentsContext : JsonSerializerContext;

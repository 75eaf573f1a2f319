namespace Failover.Core.Replication;

/// <summary>What the checks look at.</summary>
public sealed partial class Replica
{
    internal ReplicatedLog InspectedLog => _log;

    internal Position InspectedPersisted => _persisted;

    /// <summary>What the last step applied.</summary>
    internal List<LogEntry> InspectedApplied { get; } = [];

    partial void Applied(LogEntry entry) => InspectedApplied.Add(entry);

    internal IEnumerable<ReplicaId> InspectedAckSet => _followers.Values.Where(f => f.Counts).Select(f => f.Id);
}

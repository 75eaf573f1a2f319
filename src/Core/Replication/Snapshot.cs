using System.Collections.Immutable;
using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>All that a log's entries up to <paramref name="At"/> add up to: it replaces them.</summary>
/// <param name="At">The last entry contained.</param>
/// <param name="Epochs">Which epochs the replaced entries carried: needed to find where two logs part.</param>
/// <param name="Entries">The map.</param>
/// <param name="Sessions">The clients' remembered answers.</param>
public sealed record Snapshot(
    Position At,
    ImmutableArray<EpochStart> Epochs,
    ImmutableDictionary<string, StoredValue> Entries,
    ImmutableArray<SessionRecord> Sessions
)
{
    public static Snapshot Empty { get; } = new(Position.Zero, [], ReplicatedMap.Empty, []);
}

/// <summary>One client's session as it stands in a snapshot.</summary>
/// <param name="Client">The client's id.</param>
/// <param name="CompletedBelow">Requests below this are forgotten and refused.</param>
/// <param name="LastUsed">The client's newest entry: the least recently used session is dropped first.</param>
/// <param name="Answers">Remembered results by request number, ascending.</param>
/// <param name="Floor">Before it, the client may have had a session that was dropped; zero if none ever was.</param>
public sealed record SessionRecord(
    string Client,
    long CompletedBelow,
    Position LastUsed,
    ImmutableArray<KeyValuePair<long, CommandResult>> Answers,
    Position Floor
);

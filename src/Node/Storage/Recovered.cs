using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

/// <summary>Something on disk that is not as it should be, and where.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">The first byte concerned.</param>
/// <param name="What">What is wrong there.</param>
internal sealed record StorageProblem(string Path, long Offset, string What)
{
    public override string ToString() => $"{Path} at offset {Offset}: {What}";
}

/// <summary>What a replica's directory held when it was opened.</summary>
/// <param name="Data">Which life of the data this is; new when the directory was empty or damaged.</param>
/// <param name="Snapshot">The state that the entries build on.</param>
/// <param name="Entries">The log after the snapshot, without gaps. All of it is on disk.</param>
/// <param name="Problems">
/// Damage that cost the data: the files were moved aside and the replica starts empty, as another one.
/// </param>
/// <param name="TailCut">
/// Where the last write before a crash was cut short. Nothing of it was ever acknowledged: no reason for alarm.
/// </param>
internal sealed record Recovered(
    DataId Data,
    Snapshot Snapshot,
    ImmutableArray<LogEntry> Entries,
    ImmutableArray<StorageProblem> Problems,
    StorageProblem? TailCut
)
{
    /// <summary>The last entry held.</summary>
    public Position Tail => Entries is [.., var last] ? last.Position : Snapshot.At;
}

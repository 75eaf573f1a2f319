using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;

namespace Failover.Node.Tests.Storage;

/// <summary>Entries and snapshots that tell from their content which position they belong to.</summary>
internal static class StorageSamples
{
    public static Position At(long epoch, long sequence) => new(new Epoch(epoch), sequence);

    public static LogEntry Entry(long epoch, long sequence, int valueLength = 8) =>
        new(
            At(epoch, sequence),
            new Command.Put($"key{sequence % 10}", $"\"{epoch}:{sequence}{new string('x', valueLength)}\""),
            new SessionStamp("client", sequence, sequence, At(epoch, sequence - 1))
        );

    public static ImmutableArray<LogEntry> Entries(long epoch, long first, long last) =>
        [.. Range(first, last).Select(s => Entry(epoch, s))];

    /// <summary>Compares the content; an immutable array's own equality compares where it is kept.</summary>
    public static void Same<T>(ImmutableArray<T> expected, ImmutableArray<T> actual) =>
        Assert.Equal(expected.ToArray(), actual.ToArray());

    public static Snapshot SnapshotAt(Position at, int keys = 3) =>
        new(
            at,
            [new EpochStart(at.Epoch, 1)],
            ReplicatedMap.Empty.AddRange(
                Enumerable
                    .Range(0, keys)
                    .Select(i => KeyValuePair.Create($"key{i}", new StoredValue($"\"{at}/{i}\"", at.Sequence)))
            ),
            [
                new SessionRecord(
                    "client",
                    at.Sequence,
                    at,
                    [new(at.Sequence, new CommandResult.Stored(1, true))],
                    At(at.Epoch.Value, 1)
                ),
            ]
        );

    /// <summary>Snapshots have collections inside; what they say is compared as text.</summary>
    public static string Describe(Snapshot snapshot) =>
        string.Join(
            '\n',
            [
                $"at {snapshot.At}",
                .. snapshot.Epochs.Select(e => $"epoch {e}"),
                .. snapshot.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key} = {e.Value}"),
                .. snapshot.Sessions.Select(s =>
                    $"{s.Client} {s.CompletedBelow} {s.LastUsed} {s.Floor} {string.Join(',', s.Answers.Select(a => $"{a.Key}:{a.Value}"))}"
                ),
            ]
        );

    private static IEnumerable<long> Range(long first, long last)
    {
        for (var next = first; next <= last; next++)
            yield return next;
    }
}

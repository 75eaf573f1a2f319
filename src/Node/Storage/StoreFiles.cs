using System.Globalization;

namespace Failover.Node.Storage;

/// <summary>The names of the files in a partition's directory.</summary>
internal static class StoreFiles
{
    public const string Identity = "identity";

    /// <summary>Being written; whatever has this ending at a start was never finished and is deleted.</summary>
    public const string Unfinished = ".tmp";

    private const string SegmentPrefix = "log-";
    private const string SegmentSuffix = ".seg";
    private const string SnapshotPrefix = "snapshot-";
    private const string SnapshotSuffix = ".snap";
    private const string DamagedPrefix = "damaged-";

    public static string Segment(string directory, long firstFrame) =>
        Path.Combine(directory, $"{SegmentPrefix}{firstFrame:D20}{SegmentSuffix}");

    public static string Snapshot(string directory, long ordinal) =>
        Path.Combine(directory, $"{SnapshotPrefix}{ordinal:D20}{SnapshotSuffix}");

    public static string Damaged(string directory, int number) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{DamagedPrefix}{number}"));

    /// <returns>The segment's first frame; null when the path names no segment.</returns>
    public static long? SegmentNumber(string path) => Number(path, SegmentPrefix, SegmentSuffix);

    /// <returns>The snapshot's ordinal; null when the path names no snapshot.</returns>
    public static long? SnapshotNumber(string path) => Number(path, SnapshotPrefix, SnapshotSuffix);

    private static long? Number(string path, string prefix, string suffix)
    {
        var name = Path.GetFileName(path.AsSpan());
        return
            name.StartsWith(prefix, StringComparison.Ordinal)
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(
                name[prefix.Length..^suffix.Length],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var number
            )
            ? number
            : null;
    }
}

using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

internal sealed partial class PartitionFiles
{
    /// <summary>Reads the directory, creating it when it is missing.</summary>
    /// <exception cref="StorageException">The disk refused to be read or written.</exception>
    public static (PartitionFiles Files, Recovered Recovered) Open(IDisk disk, string directory, StorageOptions options)
    {
        directory = Path.GetFullPath(directory);
        if (disk.CreateDirectory(directory) && Path.GetDirectoryName(directory) is { } parent)
            disk.SyncDirectory(parent);
        foreach (
            var path in disk.List(directory).Where(p => p.EndsWith(StoreFiles.Unfinished, StringComparison.Ordinal))
        )
            disk.Delete(path);

        var identity = new DurableFile(Path.Combine(directory, StoreFiles.Identity), disk);
        try
        {
            return LoadIdentity(disk, identity, directory) is { } data
                ? Recover(disk, directory, data, options)
                : Create(disk, directory, identity, options, []);
        }
        catch (CorruptFileException damage)
        {
            MoveAside(disk, directory, identity.Path);
            var problem = new StorageProblem(damage.Path, damage.Offset, damage.What);
            return Create(disk, directory, identity, options, [problem]);
        }
    }

    private static DataId? LoadIdentity(IDisk disk, DurableFile identity, string directory)
    {
        if (identity.Load() is { } content)
        {
            return content.Length == 16
                ? new DataId(new Guid(content))
                : throw new CorruptFileException(identity.Path, 0, $"{content.Length} bytes are no identity");
        }

        // The identity is written last. What a creation that was cut short leaves, the first segment without a frame and
        // the first snapshot, which is empty, is worth nothing; anything else without an identity is damage.
        var left = disk.List(directory).Where(IsData).ToArray();
        if (
            !left.All(p =>
                StoreFiles.SnapshotNumber(p) == 1 || (StoreFiles.SegmentNumber(p) == 1 && HoldsNoFrame(disk, p))
            )
        )
            throw new CorruptFileException(identity.Path, 0, $"is missing, though {left.Length} files of data exist");
        foreach (var path in left)
            disk.Delete(path);
        return null;
    }

    private static (PartitionFiles, Recovered) Create(
        IDisk disk,
        string directory,
        DurableFile identity,
        StorageOptions options,
        ImmutableArray<StorageProblem> problems
    )
    {
        // In this order: whoever finds an identity must find the first snapshot and segment too, so that their absence is
        // damage and never mistaken for an empty log.
        var data = new DataId(Guid.NewGuid());
        var log = SegmentedLog.Create(disk, directory, data, options.SegmentBytes);
        var header = new SnapshotHeader(data, Ordinal: 1, log.NextFrame);
        var path = StoreFiles.Snapshot(directory, header.Ordinal);
        SnapshotFile.Write(disk, path + StoreFiles.Unfinished, header, Snapshot.Empty);
        disk.Rename(path + StoreFiles.Unfinished, path);
        disk.SyncDirectory(directory);
        identity.Save(data.Value.ToByteArray());
        return (
            new PartitionFiles(disk, directory, header, log, options),
            new Recovered(data, Snapshot.Empty, [], problems, TailCut: null)
        );
    }

    private static (PartitionFiles, Recovered) Recover(
        IDisk disk,
        string directory,
        DataId data,
        StorageOptions options
    )
    {
        var files = disk.List(directory);
        if (
            files.Where(p => StoreFiles.SnapshotNumber(p) is not null).MaxBy(StoreFiles.SnapshotNumber)
            is not { } newest
        )
            throw new CorruptFileException(directory, 0, "the snapshot is missing");
        var (header, snapshot) = SnapshotFile.Read(disk, newest);
        if (header.Data != data || header.Ordinal != StoreFiles.SnapshotNumber(newest))
            throw new CorruptFileException(newest, 0, $"is snapshot {header.Ordinal} of {header.Data}, not of {data}");

        var segments = files
            .Where(p => StoreFiles.SegmentNumber(p) >= header.FirstFrame)
            .OrderBy(StoreFiles.SegmentNumber)
            .ToArray();
        if (segments.Length == 0)
            throw new CorruptFileException(StoreFiles.Segment(directory, header.FirstFrame), 0, "is missing");
        var log = LogRecovery.Read(disk, segments, header, snapshot.At);

        foreach (var path in files.Where(p => IsData(p) && p != newest && !segments.Contains(p)))
            disk.Delete(path);
        return (
            new PartitionFiles(disk, directory, header, log, options),
            new Recovered(data, snapshot, log.Entries, [], log.TailCut)
        );
    }

    /// <summary>
    /// Keeps the damaged files for whoever wants to know. The identity goes first: should the machine die meanwhile,
    /// what is left is not taken for a whole replica.
    /// </summary>
    private static void MoveAside(IDisk disk, string directory, string identity)
    {
        var number = 1;
        while (disk.DirectoryExists(StoreFiles.Damaged(directory, number)))
            number++;
        var aside = StoreFiles.Damaged(directory, number);
        disk.CreateDirectory(aside);
        foreach (
            var path in disk.List(directory)
                .Where(p => p == identity || IsData(p))
                .OrderByDescending(p => p == identity)
        )
            disk.Rename(path, Path.Combine(aside, Path.GetFileName(path)));
        disk.SyncDirectory(aside);
        disk.SyncDirectory(directory);
    }

    private static bool IsData(string path) =>
        StoreFiles.SegmentNumber(path) is not null || StoreFiles.SnapshotNumber(path) is not null;

    private static bool HoldsNoFrame(IDisk disk, string path)
    {
        var bytes = disk.ReadFile(path);
        return bytes.Length <= SegmentHeader.Bytes || bytes.AsSpan(SegmentHeader.Bytes).IndexOfAnyExcept((byte)0) < 0;
    }
}

using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

/// <summary>
/// One replica's directory: an identity, one snapshot, and the log since. Synchronous; <see cref="ReplicaStore"/> gives
/// it its thread.
/// </summary>
/// <remarks>
/// One thread calls. Only <see cref="Finish"/> and <see cref="BytesSinceSnapshot"/> may be used from others meanwhile.
/// After an exception from anything but <see cref="Finish"/> the instance is done for.
/// </remarks>
internal sealed partial class PartitionFiles : IDisposable
{
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly DataId _data;
    private readonly SegmentedLog _log;
    private readonly Lock _snapshotLock = new();
    private long _newestSnapshot;
    private long _lastOrdinal;
    private long _loggedBytes;
    private long _coveredBytes;

    private PartitionFiles(
        IDisk disk,
        string directory,
        SnapshotHeader snapshot,
        RecoveredLog log,
        StorageOptions options
    )
    {
        _disk = disk;
        _directory = directory;
        _data = snapshot.Data;
        _newestSnapshot = _lastOrdinal = snapshot.Ordinal;
        _loggedBytes = log.Bytes;
        _log = SegmentedLog.Continue(disk, directory, _data, options.SegmentBytes, log);
    }

    /// <summary>Content bytes added and not yet committed.</summary>
    public int PendingBytes => _log.PendingBytes;

    /// <summary>How far the log has grown since the state that the newest snapshot holds.</summary>
    public long BytesSinceSnapshot => Volatile.Read(ref _loggedBytes) - Volatile.Read(ref _coveredBytes);

    public void Add(LogEntry entry) => _log.Add(entry);

    public void AddTruncation(long sequence) => _log.AddTruncation(sequence);

    /// <summary>Makes everything added durable.</summary>
    public void Commit()
    {
        var before = _log.CommittedBytes;
        _log.Commit();
        Volatile.Write(ref _loggedBytes, _loggedBytes + _log.CommittedBytes - before);
    }

    /// <summary>Replaces snapshot and log. Everything added must have been committed.</summary>
    /// <remarks>
    /// The moment of change is the rename of the snapshot, which names the first frame that continues it:
    /// whenever the machine dies, either the old snapshot with the old log is found or the new one with none.
    /// </remarks>
    public void Install(Snapshot snapshot)
    {
        var header = new SnapshotHeader(_data, ++_lastOrdinal, _log.StartAfresh());
        Put(header, snapshot, CancellationToken.None);
        _log.DropBefore(header.FirstFrame);
        Volatile.Write(ref _coveredBytes, _loggedBytes);
    }

    /// <summary>
    /// First half of a checkpoint. Everything added must have been committed: a snapshot that is on disk before a
    /// truncation that led to it would bring the truncated entries back.
    /// </summary>
    public Checkpoint Prepare(Snapshot snapshot) =>
        new(
            new SnapshotHeader(_data, ++_lastOrdinal, _log.FirstNeededFrame(snapshot.At.Sequence)),
            snapshot,
            _loggedBytes
        );

    /// <summary>Second half, from any thread: writes the snapshot, then deletes the segments it covers.</summary>
    /// <returns>Whether it took effect: not when a newer snapshot was faster.</returns>
    /// <exception cref="StorageException">
    /// It could not be written or the old files could not be deleted. The log and the snapshot before still hold.
    /// </exception>
    public bool Finish(Checkpoint checkpoint, CancellationToken cancellation)
    {
        if (!Put(checkpoint.Header, checkpoint.Snapshot, cancellation))
            return false;
        Volatile.Write(ref _coveredBytes, Math.Max(_coveredBytes, checkpoint.LoggedBytes));
        _log.DropBefore(checkpoint.Header.FirstFrame);
        return true;
    }

    public void Dispose() => _log.Dispose();

    private bool Put(SnapshotHeader header, Snapshot snapshot, CancellationToken cancellation)
    {
        var path = StoreFiles.Snapshot(_directory, header.Ordinal);
        var unfinished = path + StoreFiles.Unfinished;
        try
        {
            SnapshotFile.Write(_disk, unfinished, header, snapshot, cancellation);
        }
        catch
        {
            // On a full disk the half-written file would keep the log from going on.
            DeleteIfPossible(unfinished);
            throw;
        }

        long replaced;
        lock (_snapshotLock)
        {
            if (_newestSnapshot > header.Ordinal)
            {
                _disk.Delete(unfinished);
                return false;
            }
            _disk.Rename(unfinished, path);
            _disk.SyncDirectory(_directory);
            replaced = _newestSnapshot;
            _newestSnapshot = header.Ordinal;
        }
        _disk.Delete(StoreFiles.Snapshot(_directory, replaced));
        return true;
    }

    private void DeleteIfPossible(string path)
    {
        try
        {
            if (_disk.FileExists(path))
                _disk.Delete(path);
        }
        catch (StorageException)
        {
            // The caller is already told of the first failure; the next start deletes what is unfinished.
        }
    }
}

/// <summary>A snapshot on its way to disk.</summary>
/// <param name="Header">What its file will say.</param>
/// <param name="Snapshot">The state.</param>
/// <param name="LoggedBytes">How much had been logged when the snapshot was taken.</param>
internal sealed record Checkpoint(SnapshotHeader Header, Snapshot Snapshot, long LoggedBytes);

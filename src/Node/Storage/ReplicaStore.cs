using System.Collections.Immutable;
using System.Diagnostics;
using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

/// <summary>What a store tells its owner. All are called on the store's own threads and must return quickly.</summary>
internal sealed record StorageCallbacks
{
    /// <summary>
    /// The log on disk now ends at this position: everything up to it survives a power failure, and what a truncation
    /// took back is gone for good. Called once for each group.
    /// </summary>
    public required Action<Position> Persisted { get; init; }

    /// <summary>The disk refused. Called at most once; nothing is persisted or reported after it.</summary>
    public required Action<StorageException> Failed { get; init; }

    /// <summary>How long a group's write and sync took.</summary>
    public Action<TimeSpan>? Synced { get; init; }
}

/// <summary>
/// Keeps one replica's log and snapshot on disk. Calls return at once; a thread of its own writes what has gathered
/// while the last group was synced as the next group, with one <c>fdatasync</c>.
/// </summary>
/// <remarks>
/// One owner calls, one call at a time; the effects come in the order of the calls. <see cref="LogBytesSinceSnapshot"/>
/// may be read by anyone. After a failure calls are ignored: what they asked for is never acknowledged.
/// </remarks>
internal sealed partial class ReplicaStore : IDisposable
{
    private readonly PartitionFiles _files;
    private readonly GroupQueue<Operation> _queue;
    private readonly StoreTail _tail;
    private readonly Thread _writer;
    private bool _disposed;

    private ReplicaStore(
        PartitionFiles files,
        Recovered recovered,
        string name,
        StorageOptions options,
        StorageCallbacks callbacks
    )
    {
        _files = files;
        _callbacks = callbacks;
        _groupBytes = options.GroupBytes;
        _tail = new StoreTail(recovered);
        _queue = new GroupQueue<Operation>(options.QueueEntries, options.QueueBytes);
        _writer = new Thread(WriteGroups) { Name = $"log {name}", IsBackground = true };
        Data = recovered.Data;
    }

    public DataId Data { get; }

    /// <summary>Where the log ends once everything asked for is done.</summary>
    public Position Tail => _tail.Position;

    /// <summary>How far the log has outgrown its snapshot: compare with <see cref="StorageOptions.SnapshotAfterBytes"/>.</summary>
    public long LogBytesSinceSnapshot => _files.BytesSinceSnapshot;

    /// <summary>For how long the disk has owed the answer to one group. Any thread may read it; a disk that hangs gives no error.</summary>
    public TimeSpan SyncingFor =>
        Volatile.Read(ref _syncingSince) is var since and not 0 ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Reads a replica's directory, or creates it, and gets ready to write.</summary>
    /// <exception cref="StorageException">The disk refused. Damage is no exception: see <see cref="Recovered.Problems"/>.</exception>
    public static (ReplicaStore Store, Recovered Recovered) Open(
        string directory,
        StorageOptions options,
        StorageCallbacks callbacks,
        IDisk? disk = null
    )
    {
        var (files, recovered) = PartitionFiles.Open(disk ?? Disks.Local, directory, options);
        var store = new ReplicaStore(files, recovered, Path.GetFileName(directory), options, callbacks);
        store._writer.Start();
        return (store, recovered);
    }

    /// <exception cref="ArgumentException">The entry does not follow the log's tail.</exception>
    public void Append(LogEntry entry)
    {
        _tail.Append(entry);
        _queue.Enqueue(
            new Operation
            {
                Kind = OperationKind.Append,
                Entry = entry,
                Tail = Tail,
            },
            1,
            entry.Size
        );
    }

    /// <summary>The entries may still end up in different groups; they keep their order.</summary>
    /// <exception cref="ArgumentException">The entries do not follow the log's tail and each other.</exception>
    public void Append(ImmutableArray<LogEntry> entries)
    {
        if (entries.IsEmpty)
            return;
        _tail.Append(entries);
        var bytes = 0L;
        foreach (var entry in entries)
            bytes += entry.Size;
        var operation = new Operation
        {
            Kind = OperationKind.AppendMany,
            Entries = entries,
            Tail = Tail,
        };
        _queue.Enqueue(operation, entries.Length, bytes);
    }

    /// <summary>Takes back all entries behind <paramref name="sequence"/>; none is ever read again once this is persisted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The newest snapshot already contains what is to be taken back.</exception>
    public void TruncateAfter(long sequence)
    {
        if (!_tail.TruncateAfter(sequence))
            return;
        var operation = new Operation
        {
            Kind = OperationKind.Truncate,
            Sequence = sequence,
            Tail = Tail,
        };
        _queue.Enqueue(operation, 1, 16);
    }

    /// <summary>Replaces everything held by <paramref name="snapshot"/>: its position is the new tail.</summary>
    public void Install(Snapshot snapshot)
    {
        _tail.Install(snapshot.At);
        _queue.Enqueue(
            new Operation
            {
                Kind = OperationKind.Install,
                Snapshot = snapshot,
                Tail = Tail,
            },
            1,
            16
        );
    }

    /// <summary>Writes the state at a position already appended, beside the appends, then drops the log it covers.</summary>
    /// <returns>
    /// Whether it took effect: not when a later snapshot overtook it. Faults with <see cref="StorageException"/> when it
    /// could not be written: the log goes on and a later checkpoint may succeed.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The snapshot is ahead of the log or older than the last one.</exception>
    public Task<bool> Checkpoint(Snapshot snapshot)
    {
        _tail.Checkpoint(snapshot.At);
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var operation = new Operation
        {
            Kind = OperationKind.Checkpoint,
            Snapshot = snapshot,
            Tail = Tail,
            Done = done,
        };
        if (!_queue.Enqueue(operation, 1, 16))
            done.SetException(Stopped());
        return done.Task;
    }

    /// <summary>Finishes what was asked for, but for a checkpoint, and closes the files.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _queue.Close();
        _writer.Join();
        _overtaken.Cancel();
        _checkpoints.Wait();
        _files.Dispose();
        _overtaken.Dispose();
    }

    private enum OperationKind
    {
        Append,
        AppendMany,
        Truncate,
        Install,
        Checkpoint,
    }

    private readonly record struct Operation
    {
        public required OperationKind Kind { get; init; }
        public required Position Tail { get; init; }
        public LogEntry? Entry { get; init; }
        public ImmutableArray<LogEntry> Entries { get; init; }
        public long Sequence { get; init; }
        public Snapshot? Snapshot { get; init; }
        public TaskCompletionSource<bool>? Done { get; init; }
    }
}

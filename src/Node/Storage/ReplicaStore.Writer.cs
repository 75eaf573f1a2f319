using System.Diagnostics;
using Failover.Core;

namespace Failover.Node.Storage;

/// <summary>The writer thread: everything here runs on it alone, but for the body of a checkpoint.</summary>
internal sealed partial class ReplicaStore
{
    private readonly StorageCallbacks _callbacks;
    private readonly int _groupBytes;
    private CancellationTokenSource _overtaken = new();
    private Task _checkpoints = Task.CompletedTask;
    private Position _pendingTail;

    /// <summary>Since when one group has been written and synced; 0 while none is.</summary>
    private long _syncingSince;

    private void WriteGroups()
    {
        List<Operation> group = [];
        var done = 0;
        try
        {
            while (_queue.TakeAll(ref group))
            {
                for (done = 0; done < group.Count; done++)
                    Perform(group[done]);
                Commit();
                group.Clear();
            }
        }
        catch (StorageException e)
        {
            Fail(e, group, done);
        }
        // Whatever it is, the owner must learn that nothing will be acknowledged any more; an escaped exception would take
        // down the process and with it the partitions that are well.
        catch (Exception e)
        {
            Fail(new StorageException("append", "the log", e.Message, innerException: e), group, done);
        }
    }

    private void Perform(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Append:
                _files.Add(operation.Entry!);
                break;
            case OperationKind.AppendMany:
                foreach (var entry in operation.Entries)
                {
                    _files.Add(entry);
                    _pendingTail = entry.Position;
                    CommitIfLarge();
                }
                break;
            case OperationKind.Truncate:
                _files.AddTruncation(operation.Sequence);
                break;
            case OperationKind.Install:
                Commit();
                Overtake();
                _files.Install(operation.Snapshot!);
                _callbacks.Persisted(operation.Tail);
                break;
            case OperationKind.Checkpoint:
                Commit();
                StartCheckpoint(operation);
                break;
            default:
                throw new UnreachableException($"Unhandled operation: {operation.Kind}");
        }
        _pendingTail = operation.Tail;
        CommitIfLarge();
    }

    private void CommitIfLarge()
    {
        if (_files.PendingBytes >= _groupBytes)
            Commit();
    }

    private void Commit()
    {
        if (_files.PendingBytes == 0)
            return;
        var started = Stopwatch.GetTimestamp();
        Volatile.Write(ref _syncingSince, started);
        _files.Commit();
        Volatile.Write(ref _syncingSince, 0);
        _callbacks.Synced?.Invoke(Stopwatch.GetElapsedTime(started));
        _callbacks.Persisted(_pendingTail);
    }

    private void StartCheckpoint(in Operation operation)
    {
        var checkpoint = _files.Prepare(operation.Snapshot!);
        var done = operation.Done!;
        var overtaken = _overtaken.Token;
        _checkpoints = _checkpoints.ContinueWith(
            _ => RunCheckpoint(checkpoint, done, overtaken),
            CancellationToken.None,
            TaskContinuationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    private void RunCheckpoint(Checkpoint checkpoint, TaskCompletionSource<bool> done, CancellationToken overtaken)
    {
        try
        {
            done.TrySetResult(_files.Finish(checkpoint, overtaken));
        }
        catch (OperationCanceledException)
        {
            done.TrySetResult(false);
        }
        catch (Exception e)
        {
            done.TrySetException(e);
        }
    }

    /// <summary>A checkpoint under way is of no use any more: do not let it compete for the disk.</summary>
    private void Overtake()
    {
        _overtaken.Cancel();
        _overtaken.Dispose();
        _overtaken = new CancellationTokenSource();
    }

    private void Fail(StorageException reason, List<Operation> group, int done)
    {
        Volatile.Write(ref _failure, reason);
        _queue.Close();
        do
        {
            for (; done < group.Count; done++)
                group[done].Done?.TrySetException(reason);
            group.Clear();
            done = 0;
        } while (_queue.TakeAll(ref group));
        _callbacks.Failed(reason);
    }

    private StorageException Stopped() =>
        Volatile.Read(ref _failure) ?? new StorageException("checkpoint", "the log", "the store is closed");

    private StorageException? _failure;
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Node.Storage;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>The store with its thread. Tests wait for what it reports, and hold its disk where an order matters.</summary>
public sealed class ReplicaStoreTests : IDisposable
{
    private const string Directory = "/data/partition-0";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SimulatedDisk _disk = new();
    private readonly BlockingCollection<Position> _persisted = [];
    private readonly BlockingCollection<StorageException> _failures = [];
    private readonly SemaphoreSlim _atGate = new(0);
    private readonly SemaphoreSlim _gate = new(0);
    private StorageOptions _options = new() { SegmentBytes = 64 << 10 };
    private ReplicaStore? _store;

    public void Dispose()
    {
        _gate.Release(1_000);
        _store?.Dispose();
        _persisted.Dispose();
        _failures.Dispose();
        _atGate.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public void What_was_appended_is_reported_once_it_is_on_disk_and_found_again()
    {
        var recovered = Open();
        Assert.Equal(Position.Zero, recovered.Tail);

        _store!.Append(Entry(1, 1));
        Assert.Equal(At(1, 1), Persisted());
        _store.Append(Entries(1, 2, 4));
        PersistedUntil(At(1, 4));

        var again = Reopen();
        Assert.Equal(recovered.Data, again.Data);
        Same(Entries(1, 1, 4), again.Entries);
        Assert.Equal(At(1, 4), _store.Tail);
    }

    [Fact]
    public void What_queues_during_a_sync_is_one_group()
    {
        Open();
        HoldSyncs();
        _store!.Append(Entry(1, 1));
        AtGate();
        for (var sequence = 2; sequence <= 50; sequence++)
            _store.Append(Entry(1, sequence));

        Assert.Empty(_persisted);
        _gate.Release();
        Assert.Equal(At(1, 1), Persisted());
        AtGate();
        _gate.Release();

        Assert.Equal(At(1, 50), Persisted());
    }

    [Fact]
    public void A_group_beyond_its_limit_is_synced_in_parts()
    {
        _options = _options with { GroupBytes = 4 << 10 };
        Open();

        _store!.Append([.. Enumerable.Range(1, 10).Select(s => Entry(1, s, 3_000))]);

        Assert.Equal([2L, 4, 6, 8, 10], Enumerable.Range(0, 5).Select(_ => Persisted().Sequence));
    }

    [Fact]
    public void Operations_of_one_group_keep_their_order()
    {
        Open();
        HoldSyncs();
        _store!.Append(Entries(1, 1, 3));
        AtGate();
        _store.Append(Entries(1, 4, 9));
        _store.TruncateAfter(5);
        _store.Append(Entries(2, 6, 7));
        _store.TruncateAfter(6);
        _store.Append(Entries(3, 7, 8));
        _gate.Release(2);
        PersistedUntil(At(3, 8));

        Same([.. Entries(1, 1, 5), .. Entries(2, 6, 6), .. Entries(3, 7, 8)], Reopen().Entries);
    }

    [Fact]
    public void A_truncation_is_reported_as_the_new_end()
    {
        Open();
        _store!.Append(Entries(1, 1, 3));
        _store.Append(Entries(2, 4, 6));
        PersistedUntil(At(2, 6));

        _store.TruncateAfter(2);

        Assert.Equal(At(1, 2), Persisted());
        Assert.Equal(At(1, 2), _store.Tail);
        Same(Entries(1, 1, 2), Reopen().Entries);
    }

    [Fact]
    public void A_truncation_behind_the_end_changes_nothing()
    {
        Open();
        _store!.Append(Entries(1, 1, 3));
        _store.TruncateAfter(3);
        _store.TruncateAfter(7);
        PersistedUntil(At(1, 3));

        Same(Entries(1, 1, 3), Reopen().Entries);
    }

    [Fact]
    public void An_installed_snapshot_replaces_everything()
    {
        Open();
        _store!.Append(Entries(1, 1, 20));
        _store.Install(SnapshotAt(At(3, 10)));
        PersistedUntil(At(3, 10));
        _store.Append(Entries(3, 11, 12));
        PersistedUntil(At(3, 12));

        var recovered = Reopen();

        Assert.Equal(Describe(SnapshotAt(At(3, 10))), Describe(recovered.Snapshot));
        Same(Entries(3, 11, 12), recovered.Entries);
    }

    [Fact]
    public async Task A_checkpoint_drops_the_log_it_covers_while_appends_go_on()
    {
        _options = _options with { GroupBytes = 4 << 10 };
        Open();
        for (var sequence = 1; sequence <= 200; sequence++)
            _store!.Append(Entry(1, sequence, 2_000));
        PersistedUntil(At(1, 200));
        Assert.True(_store!.LogBytesSinceSnapshot > 400_000);
        var segments = Segments();

        // The checkpoint is held in the middle of its file.
        using var reached = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        _disk.Before = (operation, path) =>
        {
            if (operation != "pwrite" || !path.Contains("snapshot", StringComparison.Ordinal))
                return;
            reached.Release();
            Assert.True(release.Wait(Patience));
        };
        var done = _store.Checkpoint(SnapshotAt(At(1, 190)));
        Assert.True(await reached.WaitAsync(Patience));
        _store.Append(Entry(1, 201));
        Assert.Equal(At(1, 201), Persisted());
        Assert.False(done.IsCompleted);
        release.Release(1_000);

        Assert.True(await done);
        Assert.True(Segments() < segments);
        Assert.True(_store.LogBytesSinceSnapshot < 1_000);
        _disk.Before = null;
        var recovered = Reopen();
        Assert.Equal(At(1, 190), recovered.Snapshot.At);
        Same([.. Enumerable.Range(191, 10).Select(s => Entry(1, s, 2_000)), Entry(1, 201)], recovered.Entries);
    }

    [Fact]
    public async Task A_checkpoint_that_an_installation_overtakes_has_no_effect()
    {
        Open();
        _store!.Append(Entries(1, 1, 5));
        using var reached = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        var first = 1;
        _disk.Before = (operation, path) =>
        {
            if (operation != "pwrite" || !path.Contains("snapshot", StringComparison.Ordinal))
                return;
            if (Interlocked.Exchange(ref first, 0) == 0)
                return;
            reached.Release();
            Assert.True(release.Wait(Patience));
        };
        var done = _store.Checkpoint(SnapshotAt(At(1, 5)));
        Assert.True(await reached.WaitAsync(Patience));
        _store.Install(SnapshotAt(At(4, 3)));
        PersistedUntil(At(4, 3));
        release.Release();

        Assert.False(await done);
        Assert.Equal(At(4, 3), Reopen().Tail);
    }

    [Fact]
    public async Task A_checkpoint_that_fails_leaves_the_log_as_it_is_and_a_later_one_succeeds()
    {
        Open();
        _store!.Append(Entries(1, 1, 5));
        FailAt("pwrite", "snapshot", Libc.ENOSPC);

        var error = await Assert.ThrowsAsync<StorageException>(() => _store.Checkpoint(SnapshotAt(At(1, 3))));

        Assert.Equal(Libc.ENOSPC, error.Errno);
        Assert.DoesNotContain(_disk.Files, f => f.EndsWith(".tmp", StringComparison.Ordinal));
        _disk.Before = null;
        _store.Append(Entry(1, 6));
        PersistedUntil(At(1, 6));
        Assert.True(await _store.Checkpoint(SnapshotAt(At(1, 6))));
        Assert.Empty(_failures);
        Assert.Equal(At(1, 6), Reopen().Snapshot.At);
    }

    [Theory]
    [InlineData("fdatasync", Libc.EIO)]
    [InlineData("pwrite", Libc.EIO)]
    [InlineData("pwrite", Libc.ENOSPC)]
    public async Task After_a_failure_nothing_is_acknowledged_any_more(string operation, int errno)
    {
        Open();
        _store!.Append(Entry(1, 1));
        Assert.Equal(At(1, 1), Persisted());
        FailAt(operation, "log-", errno);

        _store.Append(Entry(1, 2));
        Assert.True(_failures.TryTake(out var failure, Patience));
        _disk.Before = null;
        _store.Append(Entry(1, 3));
        _store.TruncateAfter(1);
        await Assert.ThrowsAsync<StorageException>(() => _store.Checkpoint(SnapshotAt(At(1, 1))));
        _store.Dispose();

        Assert.Equal((operation, errno), (failure!.Operation, failure.Errno));
        Assert.Empty(_persisted);
        Assert.Empty(_failures);
    }

    [Fact]
    public void A_disk_without_room_for_another_segment_is_a_failure_with_its_reason()
    {
        Open();
        FailAt("posix_fallocate", "log-", Libc.ENOSPC);

        for (var sequence = 1; sequence <= 40; sequence++)
            _store!.Append(Entry(1, sequence, 2_000));

        Assert.True(_failures.TryTake(out var failure, Patience));
        Assert.Contains("No space left on device", failure!.Message, StringComparison.Ordinal);
        _disk.Before = null;
        var held = _persisted.TryTake(out var last) ? last.Sequence : 0;
        while (_persisted.TryTake(out last))
            held = last.Sequence;
        Assert.True(Reopen().Tail.Sequence >= held);
    }

    [Fact]
    public void Short_writes_are_gone_on_with()
    {
        _disk.LargestWrite = 7;
        Open();

        _store!.Append(Entries(1, 1, 10));
        PersistedUntil(At(1, 10));

        Same(Entries(1, 1, 10), Reopen().Entries);
    }

    [Fact]
    public async Task A_full_queue_holds_the_caller_until_the_disk_catches_up()
    {
        _options = _options with { QueueEntries = 2 };
        Open();
        HoldSyncs();
        _store!.Append(Entry(1, 1));
        AtGate();
        _store.Append(Entry(1, 2));
        _store.Append(Entry(1, 3));
        using var started = new ManualResetEventSlim();
        var fourth = Task.Factory.StartNew(
            () =>
            {
                started.Set();
                _store.Append(Entry(1, 4));
            },
            TaskCreationOptions.LongRunning
        );
        Assert.True(started.Wait(Patience));
        Assert.False(fourth.IsCompleted);

        _gate.Release(1_000);

        await fourth.WaitAsync(Patience);
        PersistedUntil(At(1, 4));
    }

    [Fact]
    public void An_append_larger_than_the_queue_is_taken_when_nothing_else_waits()
    {
        _options = _options with { QueueEntries = 2 };
        Open();

        _store!.Append(Entries(1, 1, 100));

        PersistedUntil(At(1, 100));
    }

    [Fact]
    public void A_gap_or_an_older_epoch_is_the_callers_mistake()
    {
        Open();
        _store!.Append(Entries(2, 1, 3));

        Assert.Throws<ArgumentException>(() => _store.Append(Entry(2, 5)));
        Assert.Throws<ArgumentException>(() => _store.Append(Entry(1, 4)));
        Assert.Throws<ArgumentException>(() => _store.Append([Entry(2, 4), Entry(2, 6)]));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = _store.Checkpoint(SnapshotAt(At(2, 4)));
        });

        _store.Append(Entry(2, 4));
        PersistedUntil(At(2, 4));
    }

    [Fact]
    public async Task What_a_snapshot_contains_cannot_be_taken_back()
    {
        Open();
        _store!.Append(Entries(1, 1, 5));
        Assert.True(await _store.Checkpoint(SnapshotAt(At(1, 4))));

        Assert.Throws<ArgumentOutOfRangeException>(() => _store.TruncateAfter(3));
        _store.TruncateAfter(4);

        PersistedUntil(At(1, 4));
        Assert.Equal(At(1, 4), _store.Tail);
    }

    [Fact]
    public void Closing_finishes_what_was_asked_for()
    {
        Open();
        for (var sequence = 1; sequence <= 1_000; sequence++)
            _store!.Append(Entry(1, sequence));

        Assert.Equal(At(1, 1_000), Reopen().Tail);
    }

    private Recovered Open()
    {
        var callbacks = new StorageCallbacks { Persisted = _persisted.Add, Failed = _failures.Add };
        (_store, var recovered) = ReplicaStore.Open(Directory, _options, callbacks, _disk);
        return recovered;
    }

    private Recovered Reopen()
    {
        _disk.Before = null;
        _store!.Dispose();
        return Open();
    }

    private int Segments() => _disk.List(Directory).Count(p => StoreFiles.SegmentNumber(p) is not null);

    private Position Persisted() =>
        _persisted.TryTake(out var position, Patience) ? position : throw new TimeoutException("nothing was persisted");

    private void PersistedUntil(Position position)
    {
        while (Persisted() != position) { }
    }

    /// <summary>Each sync of the log waits to be released.</summary>
    private void HoldSyncs() =>
        _disk.Before = (operation, path) =>
        {
            if (operation != "fdatasync" || !path.Contains("log-", StringComparison.Ordinal))
                return;
            _atGate.Release();
            _gate.Wait();
        };

    private void AtGate() => Assert.True(_atGate.Wait(Patience));

    private void FailAt(string operation, string file, int errno) =>
        _disk.Before = (o, path) =>
        {
            if (o == operation && path.Contains(file, StringComparison.Ordinal))
                throw StorageException.FromErrno(o, path, errno);
        };
}

using Failover.Node.Storage;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>Snapshots: of the replica's own state, beside the appends, and installed from elsewhere.</summary>
public sealed class CheckpointTests : ReplicaStoreStories
{
    [Fact]
    public void An_installed_snapshot_replaces_everything()
    {
        Open();
        Store.Append(Entries(1, 1, 20));
        Store.Install(SnapshotAt(At(3, 10)));
        PersistedUntil(At(3, 10));
        Store.Append(Entries(3, 11, 12));
        PersistedUntil(At(3, 12));

        var recovered = Reopen();

        Assert.Equal(Describe(SnapshotAt(At(3, 10))), Describe(recovered.Snapshot));
        Same(Entries(3, 11, 12), recovered.Entries);
    }

    [Fact]
    public async Task A_checkpoint_drops_the_log_it_covers_while_appends_go_on()
    {
        Options = Options with { GroupBytes = 4 << 10 };
        Open();
        for (var sequence = 1; sequence <= 200; sequence++)
            Store.Append(Entry(1, sequence, 2_000));
        PersistedUntil(At(1, 200));
        Assert.True(Store.LogBytesSinceSnapshot > 400_000);
        var segments = Segments();

        // The checkpoint is held in the middle of its file.
        using var reached = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        Disk.Before = (operation, path) =>
        {
            if (operation != "pwrite" || !path.Contains("snapshot", StringComparison.Ordinal))
                return;
            reached.Release();
            Assert.True(release.Wait(Patience));
        };
        var done = Store.Checkpoint(SnapshotAt(At(1, 190)));
        Assert.True(await reached.WaitAsync(Patience));
        Store.Append(Entry(1, 201));
        Assert.Equal(At(1, 201), Persisted());
        Assert.False(done.IsCompleted);
        release.Release(1_000);

        Assert.True(await done);
        Assert.True(Segments() < segments);
        Assert.True(Store.LogBytesSinceSnapshot < 1_000);
        Disk.Before = null;
        var recovered = Reopen();
        Assert.Equal(At(1, 190), recovered.Snapshot.At);
        Same([.. Enumerable.Range(191, 10).Select(s => Entry(1, s, 2_000)), Entry(1, 201)], recovered.Entries);
    }

    [Fact]
    public async Task A_checkpoint_that_an_installation_overtakes_has_no_effect()
    {
        Open();
        Store.Append(Entries(1, 1, 5));
        using var reached = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        var first = 1;
        Disk.Before = (operation, path) =>
        {
            if (operation != "pwrite" || !path.Contains("snapshot", StringComparison.Ordinal))
                return;
            if (Interlocked.Exchange(ref first, 0) == 0)
                return;
            reached.Release();
            Assert.True(release.Wait(Patience));
        };
        var done = Store.Checkpoint(SnapshotAt(At(1, 5)));
        Assert.True(await reached.WaitAsync(Patience));
        Store.Install(SnapshotAt(At(4, 3)));
        PersistedUntil(At(4, 3));
        release.Release();

        Assert.False(await done);
        Assert.Equal(At(4, 3), Reopen().Tail);
    }

    [Fact]
    public async Task A_checkpoint_that_fails_leaves_the_log_as_it_is_and_a_later_one_succeeds()
    {
        Open();
        Store.Append(Entries(1, 1, 5));
        FailAt("pwrite", "snapshot", Libc.ENOSPC);

        var error = await Assert.ThrowsAsync<StorageException>(() => Store.Checkpoint(SnapshotAt(At(1, 3))));

        Assert.Equal(Libc.ENOSPC, error.Errno);
        Assert.DoesNotContain(Disk.Files, f => f.EndsWith(".tmp", StringComparison.Ordinal));
        Disk.Before = null;
        Store.Append(Entry(1, 6));
        PersistedUntil(At(1, 6));
        Assert.True(await Store.Checkpoint(SnapshotAt(At(1, 6))));
        Assert.Empty(Failures);
        Assert.Equal(At(1, 6), Reopen().Snapshot.At);
    }
}

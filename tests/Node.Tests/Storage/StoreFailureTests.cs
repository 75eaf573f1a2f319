using Failover.Node.Storage;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>The disk refuses.</summary>
public sealed class StoreFailureTests : ReplicaStoreStories
{
    [Theory]
    [InlineData("fdatasync", Libc.EIO)]
    [InlineData("pwrite", Libc.EIO)]
    [InlineData("pwrite", Libc.ENOSPC)]
    public async Task After_a_failure_nothing_is_acknowledged_any_more(string operation, int errno)
    {
        Open();
        Store.Append(Entry(1, 1));
        Assert.Equal(At(1, 1), Persisted());
        FailAt(operation, "log-", errno);

        Store.Append(Entry(1, 2));
        Assert.True(Failures.TryTake(out var failure, Patience));
        Disk.Before = null;
        Store.Append(Entry(1, 3));
        Store.TruncateAfter(1);
        await Assert.ThrowsAsync<StorageException>(() => Store.Checkpoint(SnapshotAt(At(1, 1))));
        Store.Dispose();

        Assert.Equal((operation, errno), (failure!.Operation, failure.Errno));
        Assert.Empty(Reports);
        Assert.Empty(Failures);
    }

    [Fact]
    public void A_disk_that_hangs_is_told_by_how_long_it_has_not_answered()
    {
        Open();
        Assert.Equal(TimeSpan.Zero, Store.SyncingFor);
        HoldSyncs();

        Store.Append(Entry(1, 1));
        AtGate();
        Assert.True(Store.SyncingFor > TimeSpan.Zero);

        Gate.Release();
        PersistedUntil(At(1, 1));
        Assert.Equal(TimeSpan.Zero, Store.SyncingFor);
    }

    [Fact]
    public void A_disk_without_room_for_another_segment_is_a_failure_with_its_reason()
    {
        Open();
        FailAt("posix_fallocate", "log-", Libc.ENOSPC);

        for (var sequence = 1; sequence <= 40; sequence++)
            Store.Append(Entry(1, sequence, 2_000));

        Assert.True(Failures.TryTake(out var failure, Patience));
        Assert.Contains("No space left on device", failure!.Message, StringComparison.Ordinal);
        Disk.Before = null;
        var held = Reports.TryTake(out var last) ? last.Sequence : 0;
        while (Reports.TryTake(out last))
            held = last.Sequence;
        Assert.True(Reopen().Tail.Sequence >= held);
    }
}

using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>What was appended is taken back.</summary>
public sealed class TruncationTests : ReplicaStoreStories
{
    [Fact]
    public void Operations_of_one_group_keep_their_order()
    {
        Open();
        HoldSyncs();
        Store.Append(Entries(1, 1, 3));
        AtGate();
        Store.Append(Entries(1, 4, 9));
        Store.TruncateAfter(5);
        Store.Append(Entries(2, 6, 7));
        Store.TruncateAfter(6);
        Store.Append(Entries(3, 7, 8));
        Gate.Release(2);
        PersistedUntil(At(3, 8));

        Same([.. Entries(1, 1, 5), .. Entries(2, 6, 6), .. Entries(3, 7, 8)], Reopen().Entries);
    }

    [Fact]
    public void A_truncation_is_reported_as_the_new_end()
    {
        Open();
        Store.Append(Entries(1, 1, 3));
        Store.Append(Entries(2, 4, 6));
        PersistedUntil(At(2, 6));

        Store.TruncateAfter(2);

        Assert.Equal(At(1, 2), Persisted());
        Assert.Equal(At(1, 2), Store.Tail);
        Same(Entries(1, 1, 2), Reopen().Entries);
    }

    [Fact]
    public void A_truncation_behind_the_end_changes_nothing()
    {
        Open();
        Store.Append(Entries(1, 1, 3));
        Store.TruncateAfter(3);
        Store.TruncateAfter(7);
        PersistedUntil(At(1, 3));

        Same(Entries(1, 1, 3), Reopen().Entries);
    }

    [Fact]
    public async Task What_a_snapshot_contains_cannot_be_taken_back()
    {
        Open();
        Store.Append(Entries(1, 1, 5));
        Assert.True(await Store.Checkpoint(SnapshotAt(At(1, 4))));

        Assert.Throws<ArgumentOutOfRangeException>(() => Store.TruncateAfter(3));
        Store.TruncateAfter(4);

        PersistedUntil(At(1, 4));
        Assert.Equal(At(1, 4), Store.Tail);
    }
}

using Failover.Core;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>Appends, and how they become groups.</summary>
public sealed class GroupCommitTests : ReplicaStoreStories
{
    [Fact]
    public void What_was_appended_is_reported_once_it_is_on_disk_and_found_again()
    {
        var recovered = Open();
        Assert.Equal(Position.Zero, recovered.Tail);

        Store.Append(Entry(1, 1));
        Assert.Equal(At(1, 1), Persisted());
        Store.Append(Entries(1, 2, 4));
        PersistedUntil(At(1, 4));

        var again = Reopen();
        Assert.Equal(recovered.Data, again.Data);
        Same(Entries(1, 1, 4), again.Entries);
        Assert.Equal(At(1, 4), Store.Tail);
    }

    [Fact]
    public void What_queues_during_a_sync_is_one_group()
    {
        Open();
        HoldSyncs();
        Store.Append(Entry(1, 1));
        AtGate();
        for (var sequence = 2; sequence <= 50; sequence++)
            Store.Append(Entry(1, sequence));

        Assert.Empty(Reports);
        Gate.Release();
        Assert.Equal(At(1, 1), Persisted());
        AtGate();
        Gate.Release();

        Assert.Equal(At(1, 50), Persisted());
    }

    [Fact]
    public void A_group_beyond_its_limit_is_synced_in_parts()
    {
        Options = Options with { GroupBytes = 4 << 10 };
        Open();

        Store.Append([.. Enumerable.Range(1, 10).Select(s => Entry(1, s, 3_000))]);

        Assert.Equal([2L, 4, 6, 8, 10], Enumerable.Range(0, 5).Select(_ => Persisted().Sequence));
    }

    [Fact]
    public void Short_writes_are_gone_on_with()
    {
        Disk.LargestWrite = 7;
        Open();

        Store.Append(Entries(1, 1, 10));
        PersistedUntil(At(1, 10));

        Same(Entries(1, 1, 10), Reopen().Entries);
    }

    [Fact]
    public async Task A_full_queue_holds_the_caller_until_the_disk_catches_up()
    {
        Options = Options with { QueueEntries = 2 };
        Open();
        HoldSyncs();
        Store.Append(Entry(1, 1));
        AtGate();
        Store.Append(Entry(1, 2));
        Store.Append(Entry(1, 3));
        using var started = new ManualResetEventSlim();
        var fourth = Task.Factory.StartNew(
            () =>
            {
                started.Set();
                Store.Append(Entry(1, 4));
            },
            TaskCreationOptions.LongRunning
        );
        Assert.True(started.Wait(Patience));
        Assert.False(fourth.IsCompleted);

        Gate.Release(1_000);

        await fourth.WaitAsync(Patience);
        PersistedUntil(At(1, 4));
    }

    [Fact]
    public void An_append_larger_than_the_queue_is_taken_when_nothing_else_waits()
    {
        Options = Options with { QueueEntries = 2 };
        Open();

        Store.Append(Entries(1, 1, 100));

        PersistedUntil(At(1, 100));
    }

    [Fact]
    public void A_gap_or_an_older_epoch_is_the_callers_mistake()
    {
        Open();
        Store.Append(Entries(2, 1, 3));

        Assert.Throws<ArgumentException>(() => Store.Append(Entry(2, 5)));
        Assert.Throws<ArgumentException>(() => Store.Append(Entry(1, 4)));
        Assert.Throws<ArgumentException>(() => Store.Append([Entry(2, 4), Entry(2, 6)]));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = Store.Checkpoint(SnapshotAt(At(2, 4)));
        });

        Store.Append(Entry(2, 4));
        PersistedUntil(At(2, 4));
    }

    [Fact]
    public void Closing_finishes_what_was_asked_for()
    {
        Open();
        for (var sequence = 1; sequence <= 1_000; sequence++)
            Store.Append(Entry(1, sequence));

        Assert.Equal(At(1, 1_000), Reopen().Tail);
    }
}

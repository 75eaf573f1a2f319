using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

public sealed class ReplicatedLogTests
{
    [Fact]
    public void An_entry_must_follow_the_last_one()
    {
        var log = LogOf(1, 1);

        Assert.Throws<InvariantViolatedException>(() => log.Append(Entry(1, 4)));
        Assert.Throws<InvariantViolatedException>(() => log.Append(Entry(1, 2)));
    }

    [Fact]
    public void Epochs_never_go_back() =>
        Assert.Throws<InvariantViolatedException>(() => LogOf(2, 2).Append(Entry(1, 3)));

    [Fact]
    public void A_log_knows_where_its_epochs_start()
    {
        var log = LogOf(1, 1, 3, 3, 3, 4);

        Spelled.Equal([Starts(1, 1), Starts(3, 3), Starts(4, 6)], log.Epochs);
        Assert.Equal(Pos(4, 6), log.Last);
    }

    [Fact]
    public void A_log_agrees_with_the_positions_it_holds_and_with_no_others()
    {
        var log = LogOf(1, 1, 3);

        Assert.True(log.Agrees(Position.Zero));
        Assert.True(log.Agrees(Pos(1, 2)));
        Assert.True(log.Agrees(Pos(3, 3)));
        Assert.False(log.Agrees(Pos(1, 3)));
        Assert.False(log.Agrees(Pos(2, 2)));
        Assert.False(log.Agrees(Pos(3, 4)));
        Assert.False(log.Agrees(Pos(1, 0)));
    }

    [Fact]
    public void A_log_agrees_with_positions_it_has_dropped()
    {
        var log = LogOf(1, 1, 3, 3);

        log.DropThrough(3);

        Assert.True(log.Agrees(Pos(1, 2)));
        Assert.False(log.Agrees(Pos(3, 2)));
        Assert.True(log.Agrees(Pos(3, 3)));
        Assert.Equal(Pos(3, 3), log.Start);
        Assert.False(log.Holds(3));
        Assert.True(log.Holds(4));
    }

    [Fact]
    public void Dropping_what_is_gone_already_changes_nothing()
    {
        var log = LogOf(1, 1, 1);
        log.DropThrough(2);

        log.DropThrough(1);

        Assert.Equal(Pos(1, 2), log.Start);
        Assert.Equal(Pos(1, 3), log.Last);
    }

    [Fact]
    public void Truncating_cuts_the_entries_and_their_epochs()
    {
        var log = LogOf(1, 1, 3, 4);

        log.TruncateAfter(2);

        Assert.Equal(Pos(1, 2), log.Last);
        Spelled.Equal([Starts(1, 1)], log.Epochs);
        log.Append(Entry(5, 3));
        Spelled.Equal([Starts(1, 1), Starts(5, 3)], log.Epochs);
    }

    [Fact]
    public void What_a_snapshot_stands_for_cannot_be_truncated()
    {
        var log = LogOf(1, 1, 1);
        log.DropThrough(2);

        Assert.Throws<InvariantViolatedException>(() => log.TruncateAfter(1));
    }

    [Fact]
    public void A_slice_ends_at_its_limits_but_is_never_empty()
    {
        var log = LogOf(1, 1, 1);
        var size = log[1].Size;

        Spelled.Equal([Entry(1, 1), Entry(1, 2)], log.Slice(1, 2, int.MaxValue));
        Spelled.Equal([Entry(1, 2), Entry(1, 3)], log.Slice(2, 10, 2 * size));
        Spelled.Equal([Entry(1, 1)], log.Slice(1, 10, (2 * size) - 1));
        Spelled.Equal([Entry(1, 3)], log.Slice(3, 10, 0));
    }

    [Fact]
    public void Bytes_are_those_of_the_entries_held()
    {
        var log = LogOf(1, 1, 1, 1);
        var size = log[1].Size;
        Assert.Equal(4 * size, log.Bytes);

        log.TruncateAfter(3);
        log.DropThrough(1);
        Assert.Equal(2 * size, log.Bytes);

        log.Reset(Pos(2, 9), [Starts(2, 1)]);
        Assert.Equal(0, log.Bytes);
        Assert.Equal(Pos(2, 9), log.Last);
    }

    [Fact]
    public void Two_logs_share_what_stands_before_their_tails_part()
    {
        var ours = LogOf(1, 1, 1, 3, 3);
        var theirs = LogOf(1, 1, 2, 2);

        Assert.Equal(Pos(1, 2), ours.SharedWith(theirs.Epochs, theirs.Last));
        Assert.Equal(Pos(1, 2), theirs.SharedWith(ours.Epochs, ours.Last));
    }

    [Fact]
    public void A_log_that_is_merely_behind_shares_all_it_has()
    {
        var ours = LogOf(1, 1, 3, 3);
        var theirs = LogOf(1, 1, 3);

        Assert.Equal(Pos(3, 3), ours.SharedWith(theirs.Epochs, theirs.Last));
    }

    [Fact]
    public void Logs_without_a_common_epoch_share_nothing()
    {
        Assert.Equal(Position.Zero, LogOf(2, 2).SharedWith([Starts(1, 1)], Pos(1, 5)));
        Assert.Equal(Position.Zero, LogOf(2, 2).SharedWith([], Position.Zero));
    }

    internal static ReplicatedLog LogOf(params long[] epochs)
    {
        var log = new ReplicatedLog(Position.Zero, []);
        for (var i = 0; i < epochs.Length; i++)
            log.Append(Entry(epochs[i], i + 1));
        return log;
    }

    private static LogEntry Entry(long epoch, long sequence) => new(Pos(epoch, sequence), Command.Barrier.Instance);

    private static EpochStart Starts(long epoch, long first) => new(new(epoch), first);
}

using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

public sealed class SessionTableTests
{
    private readonly SessionTable _table = new(capacity: 2, []);

    [Fact]
    public void A_retry_finds_the_first_answer()
    {
        Record("x", 1, sequence: 5);

        Assert.Equal(new CommandResult.Stored(5, true), Find("x", 1));
        Assert.Null(Find("x", 2));
        Assert.Null(Find("y", 1));
    }

    [Fact]
    public void Answers_the_client_has_are_forgotten_and_their_requests_refused()
    {
        Record("x", 1, sequence: 5);
        Record("x", 2, sequence: 6);

        Record("x", 3, sequence: 7, completedBelow: 2);

        Assert.Equal(CommandResult.SessionExpired.Instance, Find("x", 1));
        Assert.Equal(new CommandResult.Stored(6, true), Find("x", 2));
        Assert.Equal(new CommandResult.Stored(7, true), Find("x", 3));
    }

    [Fact]
    public void What_was_completed_never_becomes_open_again()
    {
        Record("x", 5, sequence: 5, completedBelow: 5);

        Record("x", 6, sequence: 6, completedBelow: 1);

        Assert.Equal(CommandResult.SessionExpired.Instance, Find("x", 4));
    }

    [Fact]
    public void Of_too_many_clients_the_least_recently_used_is_forgotten()
    {
        Record("x", 1, sequence: 1);
        Record("y", 1, sequence: 2);
        Record("x", 2, sequence: 3);

        Record("z", 1, sequence: 4);

        Assert.Null(Find("y", 1));
        Assert.NotNull(Find("x", 1));
        Assert.NotNull(Find("z", 1));
    }

    [Fact]
    public void Looking_an_answer_up_does_not_count_as_use_since_only_entries_are_replicated()
    {
        Record("x", 1, sequence: 1);
        Record("y", 1, sequence: 2);
        Find("x", 1);

        Record("z", 1, sequence: 3);

        Assert.Null(Find("x", 1));
    }

    [Fact]
    public void A_table_from_a_snapshot_forgets_the_same_client_as_the_one_it_was_taken_from()
    {
        Record("x", 1, sequence: 1);
        Record("y", 1, sequence: 2, completedBelow: 1);
        Record("x", 2, sequence: 3);
        var copy = new SessionTable(capacity: 2, _table.Snapshot());
        Spelled.Equal(_table.Snapshot(), copy.Snapshot());

        Record("z", 1, sequence: 4);
        copy.Record(Stamp("z", 1), new CommandResult.Stored(4, true), Pos(1, 4));

        Spelled.Equal(_table.Snapshot(), copy.Snapshot());
    }

    [Fact]
    public void What_may_have_been_forgotten_is_refused_and_what_cannot_have_been_is_new()
    {
        Record("x", 1, sequence: 5);
        Record("y", 1, sequence: 6);
        Record("z", 1, sequence: 7);

        // x was forgotten. Its request 1 was sent before 5 and stands there.
        Assert.Equal(CommandResult.SessionExpired.Instance, Find("x", 1, since: 4));
        Assert.Null(Find("x", 2, since: 6));
        Assert.Null(Find("new", 9, since: 7));
        Assert.Equal(new CommandResult.Stored(6, true), Find("y", 1, since: 4));
    }

    [Fact]
    public void As_long_as_nobody_was_forgotten_a_late_request_is_new()
    {
        Record("x", 1, sequence: 5);

        Assert.Null(Find("new", 1, since: 0));
        Assert.Null(Find("x", 2, since: 0));
    }

    [Fact]
    public void A_client_that_comes_back_does_not_make_its_forgotten_requests_new_again()
    {
        Record("x", 1, sequence: 5);
        Record("y", 1, sequence: 6);
        Record("z", 1, sequence: 7);
        Record("x", 2, sequence: 8);

        Assert.Equal(CommandResult.SessionExpired.Instance, Find("x", 1, since: 4));
        Assert.Null(Find("x", 3, since: 6));
        var copy = new SessionTable(capacity: 2, _table.Snapshot());
        Assert.Equal(CommandResult.SessionExpired.Instance, copy.Find(Stamp("x", 1, since: 4)));
        Assert.Equal(CommandResult.SessionExpired.Instance, copy.Find(Stamp("y", 1, since: 5)));
    }

    [Fact]
    public void A_position_of_a_lost_epoch_proves_nothing_about_a_later_one()
    {
        // An operator forced a primary that lacked epoch 1's entries from 3 on: the log went on at 3 in epoch 2.
        Record("x", 1, Pos(2, 4));
        Record("y", 1, Pos(2, 5));
        Record("z", 1, Pos(2, 6));

        Assert.Equal(
            CommandResult.SessionExpired.Instance,
            _table.Find(new SessionStamp("x", 1, 0, Since: Pos(1, 1_000)))
        );
    }

    [Fact]
    public void An_entry_from_before_positions_were_asked_for_is_applied_as_it_was_then()
    {
        Record("x", 1, sequence: 5);
        Record("y", 1, sequence: 6);
        Record("z", 1, sequence: 7);

        Assert.Null(Find("x", 1));
    }

    private static SessionStamp Stamp(string client, long request, long completedBelow = 0, long? since = null) =>
        new(client, request, completedBelow, since is { } sequence ? Pos(1, sequence) : null);

    private CommandResult? Find(string client, long request, long? since = null) =>
        _table.Find(Stamp(client, request, since: since));

    private void Record(string client, long request, long sequence, long completedBelow = 0) =>
        _table.Record(
            Stamp(client, request, completedBelow),
            new CommandResult.Stored(sequence, true),
            Pos(1, sequence)
        );

    private void Record(string client, long request, Position at) =>
        _table.Record(Stamp(client, request), new CommandResult.Stored(at.Sequence, true), at);
}

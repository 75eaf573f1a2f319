using Failover.Core.Replication;
using Failover.Core.Store;

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
        copy.Record(Stamp("z", 1), new CommandResult.Stored(4, true), 4);

        Spelled.Equal(_table.Snapshot(), copy.Snapshot());
    }

    private static SessionStamp Stamp(string client, long request, long completedBelow = 0) =>
        new(client, request, completedBelow);

    private CommandResult? Find(string client, long request) => _table.Find(Stamp(client, request));

    private void Record(string client, long request, long sequence, long completedBelow = 0) =>
        _table.Record(Stamp(client, request, completedBelow), new CommandResult.Stored(sequence, true), sequence);
}

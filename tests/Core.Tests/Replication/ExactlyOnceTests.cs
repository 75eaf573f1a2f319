using Failover.Core.Replication;
using Failover.Core.Store;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>A client's retry gets the first answer and changes nothing, also across failovers and restarts.</summary>
public sealed class ExactlyOnceTests : ReplicaStories
{
    [Fact]
    public void A_retry_gets_the_first_answer_and_changes_nothing()
    {
        GivenPrimary();
        Writes(7, "k", Session(1));
        Flushes();
        Persisted(1, 2);
        Writes(8, "k", Session(1));
        Flushes();

        Spelled.Equal([Created(8, 2)], Persisted(1, 3));
        Assert.Equal(2, Replica.Committed["k"].Version);
    }

    [Fact]
    public void A_retry_in_the_same_batch_counts_as_one_too()
    {
        GivenPrimary();
        Writes(7, "k", Session(1));
        Writes(8, "k", Session(1));
        Flushes();

        Spelled.Equal([Created(7, 2), Created(8, 2)], Persisted(1, 3));
    }

    [Fact]
    public void A_retry_at_the_next_primary_gets_the_first_answer()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2, "k", Session(1))], 1));
        Persisted(1, 2);
        Sees(ViewOf(2, ReplicaA));
        Persisted(2, 3);
        Holds(lease: 300);

        Writes(8, "k", Session(1));
        Flushes();

        Spelled.Equal([Created(8, 2, epoch: 2)], Persisted(2, 4));
        Assert.Equal(2, Replica.Committed["k"].Version);
    }

    [Fact]
    public void A_write_that_never_reached_the_next_primary_is_carried_out_there()
    {
        GivenStandby();
        Sees(ViewOf(2, ReplicaA));
        Persisted(2, 2);
        Holds(lease: 300);

        Writes(8, "k", Session(1));
        Flushes();

        Spelled.Equal([Created(8, 3, epoch: 2)], Persisted(2, 3));
    }

    [Fact]
    public void A_retry_after_a_restart_from_a_snapshot_gets_the_first_answer()
    {
        GivenPrimary();
        Writes(7, "k", Session(1));
        Flushes();
        Persisted(1, 2);
        var restarted = new Replica(Options, Replica.TakeSnapshot(), []);
        List<ReplicaEffect> effects = [];

        restarted.Step(new ReplicaInput.FormationRead(ViewOf(1, ReplicaA), 5), Now, effects);
        restarted.Step(new ReplicaInput.ViewCommitted(ViewOf(2, ReplicaA), 6), Now, effects);
        restarted.Step(new ReplicaInput.Persisted(Pos(2, 3)), Now, effects);
        restarted.Step(new ReplicaInput.LeaseChanged(new(2), Now + Ms(300)), Now, effects);
        restarted.Step(new ReplicaInput.Write(new(8), new Command.Put("k", "other"), Session(1)), Now, effects);
        restarted.Step(ReplicaInput.Flush.Instance, Now, effects);
        effects.Clear();
        restarted.Step(new ReplicaInput.Persisted(Pos(2, 4)), Now, effects);

        Spelled.Equal([Created(8, 2, epoch: 2)], effects);
        Assert.Equal("1", restarted.Committed["k"].Json);
    }

    [Fact]
    public void A_retry_of_a_refused_compare_and_set_is_refused_again_though_it_would_fit_now()
    {
        GivenPrimary();
        CompareAndSet(7, expected: 3, request: 1);
        Flushes();
        Spelled.Equal([Mismatch(7)], Persisted(1, 2));
        Writes(8, "k", Session(2));
        Flushes();
        Persisted(1, 3);

        CompareAndSet(9, expected: 3, request: 1);
        Flushes();

        Spelled.Equal([Mismatch(9)], Persisted(1, 4));
        Assert.Equal(3, Replica.Committed["k"].Version);
    }

    [Fact]
    public void A_request_the_client_called_complete_is_refused_and_not_carried_out_again()
    {
        GivenPrimary();
        Writes(7, "k", new SessionStamp("x", 5, CompletedBelow: 5));
        Writes(8, "other", Session(4));
        Flushes();

        Spelled.Equal(
            [Created(7, 2), Answer(8, new RequestOutcome.Written(CommandResult.SessionExpired.Instance, new(1)))],
            Persisted(1, 3)
        );
        Assert.DoesNotContain("other", Replica.Committed.Keys);
    }

    [Fact]
    public void Every_replica_forgets_the_same_client_first()
    {
        Options = Options with { SessionCapacity = 2 };
        GivenPrimary();
        LogEntry[] entries =
        [
            Put(1, 2, "k", Session(1, "x")),
            Put(1, 3, "k", Session(1, "y")),
            Put(1, 4, "k", Session(2, "x")),
            Put(1, 5, "k", Session(1, "z")),
        ];
        foreach (var entry in entries)
            Writes(entry.Sequence, "k", entry.Session);
        Flushes();
        Persisted(1, 5);
        var primarys = Replica.TakeSnapshot();

        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), entries, 5));

        Spelled.Same(primarys, Replica.TakeSnapshot());
        Assert.Equal(["x", "z"], primarys.Sessions.Select(s => s.Client));
    }

    [Fact]
    public void A_retry_of_a_client_that_was_forgotten_is_refused_and_not_carried_out_again()
    {
        Options = Options with { SessionCapacity = 2 };
        GivenPrimary();
        var first = new SessionStamp("x", 1, 0, Since: Pos(1, 1));
        Writes(7, "k", first);
        Writes(8, "k", new SessionStamp("y", 1, 0, Since: Pos(1, 1)));
        Writes(9, "k", new SessionStamp("z", 1, 0, Since: Pos(1, 3)));
        Flushes();
        Persisted(1, 4);

        Writes(10, "k", first);
        Writes(11, "new", new SessionStamp("new", 17, 0, Since: Pos(1, 4)));
        Flushes();

        Spelled.Equal(
            [Answer(10, new RequestOutcome.Written(CommandResult.SessionExpired.Instance, new(1))), Created(11, 6)],
            Persisted(1, 6)
        );
        Assert.Equal(4, Replica.Committed["k"].Version);
    }

    private void CompareAndSet(long token, long expected, long request) =>
        Step(new ReplicaInput.Write(new(token), new Command.Put("k", "2", expected), Session(request)));

    private static ReplicaEffect Mismatch(long token) =>
        Answer(token, new RequestOutcome.Written(new CommandResult.VersionMismatch(0), new(1)));
}

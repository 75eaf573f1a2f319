using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>The set that acknowledges always contains the register's in-sync set.</summary>
public sealed class InSyncTests : ReplicaStories
{
    private const string Silent = "b did not answer for 500 ms";

    [Fact]
    public void A_replica_that_caught_up_is_proposed_and_waited_for_from_that_moment_on()
    {
        GivenPrimary();
        Attaches(ReplicaC, Position.Zero);

        Spelled.Equal([Propose(Add(ReplicaC))], Acks(ReplicaC, 1));

        Writes(7);
        Flushes();
        Spelled.Equal([], Persisted(1, 2));
        Spelled.Equal([Created(7, 2), Send(C, News(1, Pos(1, 2), 2))], Acks(ReplicaC, 2));
    }

    [Fact]
    public void A_replica_that_has_not_caught_up_is_neither_proposed_nor_waited_for()
    {
        GivenPrimary();
        Attaches(ReplicaC, Position.Zero);
        Writes(7);
        Flushes();

        Spelled.Equal([Created(7, 2)], Persisted(1, 2));
        Spelled.Equal([Send(C, Replicate(1, Pos(1, 1), [Put(1, 2)], 2))], Acks(ReplicaC, 1));
        Spelled.Equal([Propose(Add(ReplicaC))], Acks(ReplicaC, 2));
    }

    [Fact]
    public void A_replica_that_is_ahead_of_the_commit_is_proposed_as_soon_as_the_primary_serves()
    {
        GivenPromoting();
        Attaches(ReplicaB, Pos(1, 3), Starts(1, 1));
        Spelled.Equal([], Acks(ReplicaB, 4, epoch: 2));
        Persisted(2, 4);

        Spelled.Equal(
            [
                Became(ReplicaRole.Primary, 2),
                new ReplicaEffect.Serving(new(2), Ms(0)),
                Send(C, News(2, Pos(2, 4), 4)),
                Propose(Add(ReplicaB, epoch: 2)),
                Send(B, News(2, Pos(2, 4), 4)),
            ],
            Acks(ReplicaC, 4, epoch: 2)
        );
    }

    [Fact]
    public void It_is_proposed_once()
    {
        GivenPrimary();
        Attaches(ReplicaC, Position.Zero);
        Acks(ReplicaC, 1);

        Spelled.Equal([], Acks(ReplicaC, 1));
        Sees(ViewOf(1, ReplicaA, ReplicaC));
        Spelled.Equal([], Acks(ReplicaC, 1));
    }

    [Fact]
    public void When_nobody_knows_whether_it_was_added_it_is_waited_for_and_proposed_again()
    {
        GivenPrimary();
        Attaches(ReplicaC, Position.Zero);
        Acks(ReplicaC, 1);

        Spelled.Equal([Propose(Add(ReplicaC))], Ended(Add(ReplicaC), new ProposalOutcome.Unknown("no majority")));

        Writes(7);
        Flushes();
        Spelled.Equal([], Persisted(1, 2));
    }

    [Fact]
    public void A_silent_replica_is_waited_for_until_the_register_has_removed_it()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Now += Ms(400);
        Holds(lease: 300);

        Spelled.Equal([Propose(Remove(ReplicaB, Silent))], After(100));
        Assert.Equal(1, Replica.Commit);

        Spelled.Equal(
            [Created(7, 2), Send(B, Replicate(1, Pos(1, 1), [Put(1, 2)], 2))],
            Ended(Remove(ReplicaB, Silent), DoneWith(ViewOf(1, ReplicaA)))
        );
    }

    [Fact]
    public void A_removal_that_ends_after_its_replica_came_back_does_not_take_it_out_again()
    {
        // 1. The removal is chosen, but its proposer has not heard so; 2. the view arrives from elsewhere, and b comes
        // back and is proposed again; 3. only now does the removal end.
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Spelled.Equal([Propose(Remove(ReplicaB, Silent))], After(500));
        var removed = DoneWith(ViewOf(1, ReplicaA));
        Sees(ViewOf(1, ReplicaA));
        Attaches(ReplicaB, Pos(1, 2), Starts(1, 1));
        Spelled.Equal([Propose(Add(ReplicaB))], Acks(ReplicaB, 2));

        Ended(Remove(ReplicaB, Silent), removed);
        Writes(8);
        Flushes();
        Persisted(1, 3);

        Assert.Equal(2, Replica.Commit);
    }

    [Fact]
    public void A_replica_that_is_a_little_behind_is_waited_for_so_that_it_catches_up_while_writes_go_on()
    {
        GivenPrimary();
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Attaches(ReplicaC, Position.Zero);
        Writes(8);
        Flushes();
        Persisted(1, 3);
        Acks(ReplicaC, 2);
        Writes(9);
        Flushes();

        Persisted(1, 4);

        Assert.Equal(3, Replica.Commit);
        Assert.Contains(Propose(Add(ReplicaC)), Acks(ReplicaC, 4));
        Assert.Equal(4, Replica.Commit);
    }

    [Fact]
    public void A_replica_that_was_waited_for_and_fell_silent_is_let_go_without_asking_the_register()
    {
        GivenPrimary();
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Attaches(ReplicaC, Position.Zero);
        Writes(8);
        Flushes();
        Persisted(1, 3);
        Acks(ReplicaC, 2);
        Writes(9);
        Flushes();
        Persisted(1, 4);
        Holds(lease: 1_000);

        var stored = new RequestOutcome.Written(new CommandResult.Stored(4, Created: false), new(1));
        Spelled.Equal([Answer(9, stored)], After(500));
    }

    [Fact]
    public void A_replica_that_was_given_up_and_answers_again_comes_back_without_asking()
    {
        // It is sent what is new, so it never notices that it was given up.
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Spelled.Equal([Propose(Remove(ReplicaB, Silent))], After(500));
        Sees(ViewOf(1, ReplicaA));

        Assert.Contains(Propose(Add(ReplicaB)), Acks(ReplicaB, 2));
    }

    [Fact]
    public void A_replica_whose_process_is_gone_is_not_waited_for_once_the_register_took_it_out()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Step(new ReplicaInput.ProcessGone(B));
        Sees(ViewOf(1, ReplicaA));
        Assert.Equal(2, Replica.Commit);

        Writes(8);
        Flushes();
        Persisted(1, 3);

        Assert.Equal(3, Replica.Commit);
    }

    [Fact]
    public void Nothing_more_is_sent_to_data_that_its_node_has_lost()
    {
        // The new data would take entries, or a snapshot, that were meant for the old one.
        GivenPrimary(ReplicaB);
        Attaches(NewReplicaB, Position.Zero);
        Writes(7);

        Spelled.Equal([Append(Put(1, 2))], Flushes());
        // Nor is there a deadline that nothing could meet.
        After(100);
        Assert.True(Replica.NextDeadline > Now);
    }

    [Fact]
    public void A_removal_nobody_knows_the_end_of_is_proposed_again()
    {
        GivenPrimary(ReplicaB);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        After(500);

        Spelled.Equal(
            [Propose(Remove(ReplicaB, Silent))],
            Ended(Remove(ReplicaB, Silent), new ProposalOutcome.Unknown("no majority"))
        );
        Assert.Equal(1, Replica.Commit);
    }

    [Fact]
    public void A_replica_whose_adding_is_undecided_can_be_given_up_only_through_the_register()
    {
        GivenPrimary();
        Attaches(ReplicaC, Position.Zero);
        Acks(ReplicaC, 1);
        Writes(7);
        Flushes();
        Persisted(1, 2);

        var gone = Remove(ReplicaC, "the process of c is gone");
        Spelled.Equal([Propose(gone)], Step(new ReplicaInput.ProcessGone(C)));
        Assert.Equal(1, Replica.Commit);
    }

    [Fact]
    public void The_view_that_removes_a_replica_lets_commits_go_on_as_well()
    {
        GivenPrimary(ReplicaB, ReplicaC);
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Acks(ReplicaC, 2);

        Spelled.Equal(
            [Created(7, 2), Send(C, News(1, Pos(1, 2), 2))],
            Sees(ViewOf(1, ReplicaA, ReplicaC)).Where(NotToB)
        );
    }

    [Fact]
    public void A_removed_replica_that_comes_back_is_served_and_proposed_again()
    {
        GivenPrimary(ReplicaB);
        Step(new ReplicaInput.ProcessGone(B));
        Ended(Remove(ReplicaB, "the process of b is gone"), Done);
        Sees(ViewOf(1, ReplicaA));

        Spelled.Equal(
            [Send(B, Replicate(1, Pos(1, 1), [], 1, confirm: true))],
            Attaches(ReplicaB, Pos(1, 1), Starts(1, 1))
        );
        Spelled.Equal([Propose(Add(ReplicaB))], Acks(ReplicaB, 1));
    }

    [Fact]
    public void A_replica_with_new_data_is_another_one_and_the_old_one_is_removed()
    {
        GivenPrimary(ReplicaB);

        Spelled.Equal(
            [
                Propose(Remove(ReplicaB, "b lost its data")),
                Send(B, Replicate(1, Position.Zero, [Barrier(1, 1)], 1, confirm: true)),
            ],
            Attaches(NewReplicaB, Position.Zero)
        );
        Writes(7);
        Flushes();
        Persisted(1, 2);
        Spelled.Equal([], Acks(NewReplicaB, 1).OfType<ReplicaEffect.Answer>());
        Assert.Equal(1, Replica.Commit);
    }

    [Fact]
    public void Proposals_of_an_older_epoch_end_unheard()
    {
        GivenPromoting();

        Spelled.Equal([], Ended(Remove(ReplicaC, "silent", epoch: 1), Done));
        Persisted(2, 4);
        Assert.Equal(2, Replica.Commit);
    }

    private static bool NotToB(ReplicaEffect effect) => effect is not ReplicaEffect.Send { To.Value: "b" };
}

using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Storage;
using Failover.Node.Tests.Storage;

namespace Failover.Node.Tests.Lifeline;

/// <summary>A voter on a disk that does what a test wants, asked by two proposers.</summary>
public sealed class AcceptorActorTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly NodeId App1 = new("app1");
    private static readonly NodeId App2 = new("app2");
    private static readonly FormationState State = new(
        new FormationId(Guid.Empty),
        1,
        [App1, App2],
        ImmutableSortedDictionary<PartitionId, Core.Views.View>.Empty,
        Paused: false,
        Maintenance: [],
        History: []
    );

    private readonly SimulatedDisk _disk = new();
    private readonly ManualTime _time = new();
    private readonly TestProbe _proposer;
    private readonly TestProbe _other;

    public AcceptorActorTests()
        : base(
            LifelineDispatcherTests.Settings.WithFallback(
                """akka { loglevel = WARNING, actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy" }"""
            )
        )
    {
        _disk.CreateDirectory("/data");
        // It has voted before: what an empty memory means is another story.
        File.Save(StateCodec.Encode(AcceptorState.Initial with { Forgetful = false }));
        _proposer = CreateTestProbe();
        _other = CreateTestProbe();
    }

    [Fact]
    public void A_promise_is_on_disk_under_its_final_name_before_it_is_answered()
    {
        var acceptor = Start();
        var (operations, early) = (new List<string>(), false);
        _disk.Before = (operation, _) =>
        {
            operations.Add(operation);
            early |= _proposer.HasMessages;
        };

        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(1)));

        var promise = Assert.IsType<RegisterMessage.Promise>(Answer(_proposer));
        Assert.Equal((Ballot(1), Core.Views.Ballot.None, null), (promise.Ballot, promise.AcceptedAt, promise.State));
        Assert.False(early);
        Assert.Equal("fsync", operations[^1]);
        Assert.Equal(Ballot(1), AcceptorMemory.Open(File).Recovered.Promised);
    }

    [Fact]
    public void What_was_accepted_is_known_to_the_next_process()
    {
        var acceptor = Start();
        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(1)));
        Answer(_proposer);
        Asks(_proposer, acceptor, new RegisterMessage.Accept(Ballot(1), State));
        Assert.Equal(new RegisterMessage.Accepted(Ballot(1)), Answer(_proposer));
        Stops(acceptor);

        Asks(_other, Start(), new RegisterMessage.Prepare(Ballot(2)));

        var promise = Assert.IsType<RegisterMessage.Promise>(Answer(_other));
        Assert.Equal((Ballot(1), State.Formation), (promise.AcceptedAt, promise.State!.Formation));
    }

    [Fact]
    public void An_older_ballot_than_the_promised_one_is_refused_by_the_next_process_too()
    {
        var acceptor = Start();
        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(5)));
        Answer(_proposer);
        Stops(acceptor);

        Asks(_other, Start(), new RegisterMessage.Accept(Ballot(4), State));

        Assert.Equal(new RegisterMessage.Conflict(Ballot(4), Ballot(5)), Answer(_other));
    }

    [Theory]
    [InlineData("open")]
    [InlineData("pwrite")]
    [InlineData("fdatasync")]
    [InlineData("rename")]
    [InlineData("fsync")]
    public void A_voter_that_cannot_remember_falls_silent_for_good_and_grants_nothing_either(string refused)
    {
        var acceptor = Start();
        Watch(acceptor);
        _disk.Before = (operation, path) =>
        {
            if (operation == refused)
                throw StorageException.FromErrno(operation, path, 28);
        };

        EventFilter
            .Error(contains: "this node votes no more")
            .ExpectOne(() => Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(1))));
        ExpectTerminated(acceptor);

        _disk.Before = null;
        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(2)));
        var answers = 0;
        acceptor.Tell(Claim(App1, _ => answers++));
        _proposer.ExpectNoMsg(TimeSpan.Zero);
        Assert.Equal(0, answers);
    }

    [Fact]
    public void While_the_disk_takes_its_time_the_heartbeats_thread_goes_on_and_whoever_asks_waits_in_order()
    {
        var acceptor = Start();
        using var slow = new SlowDisk(_disk, "fdatasync");
        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(1)));
        slow.Begun();

        Asks(_other, acceptor, new RegisterMessage.Prepare(new Ballot(2, App2, new(1))), App2);
        acceptor.Tell(Claim(App1, vote => _other.Ref.Tell(vote)));
        Asks(_other, acceptor, new RegisterMessage.Prepare(new Ballot(1, App2, new(1))), App2);
        LifelineDispatcher.LoopOf(Sys).Run(() => { });
        Assert.False(_proposer.HasMessages || _other.HasMessages);
        slow.GoesOn();

        Assert.IsType<RegisterMessage.Promise>(Answer(_proposer));
        Assert.IsType<RegisterMessage.Promise>(Answer(_other));
        _other.ExpectMsg<AcceptorEffect.AnswerClaims>();
        Assert.IsType<RegisterMessage.Conflict>(Answer(_other));
    }

    [Fact]
    public void An_acceptor_ends_only_when_what_it_was_writing_is_written()
    {
        var acceptor = Start();
        Watch(acceptor);
        using var slow = new SlowDisk(_disk, "rename");
        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(1)));
        slow.Begun();

        Sys.Stop(acceptor);
        slow.GoesOn();
        ExpectTerminated(acceptor);

        Assert.Equal(Ballot(1), AcceptorMemory.Open(File).Recovered.Promised);
    }

    [Fact]
    public void Each_proposer_is_answered_itself()
    {
        var acceptor = Start();

        Asks(_proposer, acceptor, new RegisterMessage.Prepare(Ballot(1)));
        Asks(_other, acceptor, new RegisterMessage.Prepare(new Ballot(1, App2, new(1))), App2);

        Assert.Equal(App1, Assert.IsType<RegisterMessage.Promise>(Answer(_proposer)).Ballot.Proposer);
        Assert.Equal(App2, Assert.IsType<RegisterMessage.Promise>(Answer(_other)).Ballot.Proposer);
    }

    [Fact]
    public void A_claimed_lease_is_granted_to_whoever_showed_the_claim_and_then_binds_this_voter()
    {
        var acceptor = Start();
        var replies = CreateTestProbe();

        acceptor.Tell(Claim(App1, vote => replies.Ref.Tell(vote)));

        var vote = replies.ExpectMsg<AcceptorEffect.AnswerClaims>();
        Assert.Equal(App1, vote.To);
        Assert.Equal([new LeaseAnswer(new(0), new(1), Granted: true)], vote.Answers);
        Asks(_other, acceptor, new RegisterMessage.Prepare(new Ballot(1, App2, new(1))), App2);
        var promise = Assert.IsType<RegisterMessage.Promise>(Answer(_other));
        Assert.Equal(App1, Assert.Single(promise.Leases).Holder);
    }

    [Fact]
    public void A_voter_that_was_started_again_waits_a_whole_lease_before_it_lets_anybody_be_deposed()
    {
        Stops(Start());

        Asks(_other, Start(), new RegisterMessage.Prepare(Ballot(1)));
        Answer(_other);
        Asks(_other, Started, new RegisterMessage.Accept(Ballot(1), With(epoch: 2)));
        // It has never seen epoch 1's primary; whoever it was may hold a grant of the process before.
        var leased = Assert.IsType<RegisterMessage.Leased>(Answer(_other));
        Assert.InRange(leased.RetryAfter, Lease.Duration, 2 * Lease.Duration);

        _time.Advance(leased.RetryAfter);
        Asks(_other, Started, new RegisterMessage.Accept(Ballot(1), With(epoch: 2)));

        Assert.Equal(new RegisterMessage.Accepted(Ballot(1)), Answer(_other));
    }

    private static LeaseOptions Lease { get; } =
        new() { Interval = TimeSpan.FromSeconds(1), Duration = TimeSpan.FromSeconds(6) };

    private DurableFile File => new("/data/acceptor", _disk);

    private IActorRef Started { get; set; } = ActorRefs.Nobody;

    private IActorRef Start()
    {
        var (memory, clock, directory) = (AcceptorMemory.Open(File), new MonotonicClock(_time), new PeerDirectory(Sys));
        return Started = Sys.ActorOf(
            Props
                .Create(() =>
                    new AcceptorActor(
                        App1,
                        memory,
                        Lease,
                        TimeSpan.FromMinutes(1),
                        clock,
                        new Incarnation(1),
                        formation: null,
                        directory
                    )
                )
                .WithDispatcher(LifelineDispatcher.Path)
        );
    }

    private void Stops(IActorRef acceptor)
    {
        Watch(acceptor);
        Sys.Stop(acceptor);
        ExpectTerminated(acceptor);
    }

    private static void Asks(TestProbe proposer, IActorRef acceptor, RegisterMessage message, NodeId? from = null) =>
        proposer.Send(acceptor, new RegisterEnvelope(from ?? App1, message));

    private static RegisterMessage Answer(TestProbe proposer) => proposer.ExpectMsg<RegisterEnvelope>().Message;

    private static Ballot Ballot(long round) => new(round, App1, new Incarnation(1));

    private static FormationState With(long epoch)
    {
        var replica = new ReplicaId(App2, new DataId(Guid.Empty));
        return State with { Views = State.Views.Add(new(0), new Core.Views.View(new(epoch), replica, [replica])) };
    }

    private static AcceptorActor.Claimed Claim(NodeId node, Action<AcceptorEffect.AnswerClaims> votes) =>
        new(
            new NodeReport(
                node,
                new Incarnation(1),
                null,
                0,
                Monitoring: false,
                [
                    new ReplicaReport(
                        new(0),
                        new ReplicaId(node, new DataId(Guid.Empty)),
                        ReplicaRole.Primary,
                        new(1),
                        Position.Zero,
                        0,
                        Released: false,
                        TimeSpan.Zero,
                        null
                    ),
                ]
            ),
            Instant.Zero,
            votes
        );
}

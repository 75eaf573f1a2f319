using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Configuration;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Replication;
using Failover.Node.Storage;

namespace Failover.Node.Tests.Replication;

/// <summary>The replica on app1, in memory; probes stand for its node's register and heartbeat and for the replica on app2.</summary>
public sealed class DataActorTests : Akka.TestKit.Xunit2.TestKit
{
    private const string SupervisorOfANode = "akka.actor.guardian-supervisor-strategy";
    private static readonly PartitionId P0 = new(0);
    private static readonly NodeId App2 = new("app2");
    private static readonly ReplicaId Self = new(new NodeId("app1"), new DataId(new Guid(1, 0, 0, new byte[8])));
    private static readonly ReplicaId Peer = new(App2, new DataId(new Guid(2, 0, 0, new byte[8])));

    private readonly MetricsRegistry _metrics = new();
    private readonly TestProbe _register;
    private readonly TestProbe _heartbeat;
    private readonly TestProbe _peer;
    private readonly StatusBoard _board = new(1);
    private readonly ManualTime _time = new();
    private readonly IActorRef _data;

    public DataActorTests()
        : base(
            $"""
            akka.loglevel = WARNING
            {SupervisorOfANode} = "{ConfigurationLoader.Reference.GetString(
                SupervisorOfANode,
                "Akka.Actor.DefaultSupervisorStrategy"
            )}"
            """
        )
    {
        _register = CreateTestProbe();
        _heartbeat = CreateTestProbe();
        _peer = CreateTestProbe();
        var peer = _peer.Ref;
        Sys.ActorOf(Props.Create(() => new Forwarder(peer)), ActorNames.Data(P0));
        var directory = new PeerDirectory(Sys);
        directory.Add(
            new NodeInfo(App2, new Incarnation(1), [NodeInfo.DataRole], "akka://test", "", "127.0.0.1", 1, "1")
        );
        var setup = new DataSetup(
            new ReplicaOptions
            {
                Self = Self,
                Partition = P0,
                Durable = false,
            },
            directory,
            new MonotonicClock(_time),
            _board,
            _register,
            _heartbeat,
            new FailoverMetrics(_metrics),
            TimeSpan.FromSeconds(5),
            1 << 20
        );
        var nothing = new Recovered(Self.Data, Snapshot.Empty, [], [], null);
        _data = Sys.ActorOf(Props.Create(() => new DataActor(setup, null, nothing)));
        _register.ExpectMsg<ReadFormation>();
    }

    [Fact]
    public void A_replica_of_no_formation_yet_waits_to_be_named()
    {
        _register.Send(_data, new FormationRead(null));

        ExpectRole(ReplicaRole.Joining, 0);
        Assert.Equal(ReplicaRole.Joining, _board.Of(P0)!.Role);
        _data.Tell(new Request.Write(1, P0, new Command.Put("k", "1"), null));
        ExpectMsg(new Answer(1, RequestOutcome.NotPrimary.Instance));
    }

    [Fact]
    public void Each_role_is_told_though_several_follow_each_other_in_one_step()
    {
        // Alone and in memory, a promoted replica serves at once; its lease begins when it is told to be promoted.
        Leads();

        ExpectRole(ReplicaRole.Promoting, 1);
        ExpectRole(ReplicaRole.Primary, 1);
    }

    [Fact]
    public void A_write_is_answered_when_the_lease_is_held()
    {
        Leads();
        _data.Tell(new Request.Write(7, P0, new Command.Put("k", "1"), null));
        ExpectNoMsg(TimeSpan.Zero);

        HoldsLease();

        ExpectMsg(new Answer(7, new RequestOutcome.Written(new CommandResult.Stored(2, Created: true), new Epoch(1))));
    }

    [Fact]
    public void A_read_after_the_lease_was_lost_waits_for_the_next_though_nobody_said_so()
    {
        Leads();
        _data.Tell(new Request.Read(1, P0, "k"));
        ExpectNoMsg(TimeSpan.Zero);
        HoldsLease();
        ExpectMsg<Answer>(a => Assert.Equal(1, a.Id));

        _board.Leases.Publish(P0, new LeaseBoard.Lease(new Epoch(1), null));
        _data.Tell(new Request.Read(2, P0, "k"));
        ExpectNoMsg(TimeSpan.Zero);
        HoldsLease();

        ExpectMsg<Answer>(a => Assert.Equal(2, a.Id));
    }

    [Fact]
    public void A_lease_that_was_renewed_meanwhile_is_found_with_the_next_request()
    {
        Leads();
        _data.Tell(new Request.Read(1, P0, "k"));
        ExpectNoMsg(TimeSpan.Zero);
        HoldsLease(1);
        ExpectMsg<Answer>();

        _board.Leases.Publish(P0, new LeaseBoard.Lease(new Epoch(1), new Instant(TimeSpan.FromHours(1))));
        _time.Advance(TimeSpan.FromMinutes(1));
        _data.Tell(new Request.Read(2, P0, "k"));

        ExpectMsg<Answer>(a => Assert.Equal(2, a.Id));
    }

    [Fact]
    public void A_write_is_replicated_to_the_peer_and_answered_when_it_has_it()
    {
        Leads(Peer);
        HoldsLease();
        Acknowledges(ExpectEntries().Single().Sequence);
        ExpectNews();
        _data.Tell(new Request.Write(7, P0, new Command.Put("k", "1"), null));

        var entry = Assert.Single(ExpectEntries());
        Assert.Equal(new Command.Put("k", "1"), entry.Command);
        ExpectNoMsg(TimeSpan.Zero);
        Acknowledges(entry.Sequence);

        ExpectMsg<Answer>(a => Assert.Equal(7, a.Id));
    }

    [Fact]
    public void A_replica_tells_what_it_holds_itself_whoever_leads()
    {
        Leads();
        HoldsLease();
        _data.Tell(new Request.Write(1, P0, new Command.Put("k", "1"), null));
        ExpectMsg<Answer>();

        _data.Tell(new Request.Peek(2, P0, "k"));
        ExpectMsg(new Answer(2, new RequestOutcome.ReadOne(new StoredValue("1", 2))));
        _data.Tell(new Request.CopyMap(3, P0));
        ExpectMsg<MapPart>(part =>
            Assert.Equal((3, true, "k"), (part.Id, part.Final, Assert.Single(part.Entries).Key))
        );
    }

    [Fact]
    public void A_change_of_the_view_is_asked_of_the_register_and_its_end_counts()
    {
        Leads(Peer);
        HoldsLease();
        ExpectEntries();

        _data.Tell(new ReplicaInput.ProcessGone(App2));

        var remove = Assert.IsType<Change.RemoveInSync>(_register.ExpectMsg<ProposeChange>().Change);
        Assert.Equal(Peer, remove.Replica);
        _register.Send(_data, new ChangeEnded(remove, new ProposalOutcome.Done(State(2, 1))));
        _data.Tell(new Request.Write(7, P0, new Command.Put("k", "1"), null));
        ExpectMsg<Answer>(a => Assert.IsType<RequestOutcome.Written>(a.Outcome));
    }

    [Fact]
    public void A_replica_whose_actor_breaks_shows_as_failed_and_is_not_started_again_on_what_it_began_with()
    {
        Leads();
        ExpectRole(ReplicaRole.Promoting, 1);
        ExpectRole(ReplicaRole.Primary, 1);
        Watch(_data);

        EventFilter.Exception<ArgumentNullException>().ExpectOne(() => _data.Tell(new Request.Peek(1, P0, null!)));

        ExpectTerminated(_data);
        ExpectRole(ReplicaRole.Failed, 1);
        Assert.Equal(ReplicaRole.Failed, _board.Of(P0)!.Role);
        Assert.NotNull(_board.Of(P0)!.Trouble);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _metrics.Dispose();
    }

    private static FormationState State(long version, long epoch, params ReplicaId[] others) =>
        new(
            new FormationId(new Guid(9, 0, 0, new byte[8])),
            version,
            [Self.Node, App2],
            ImmutableSortedDictionary<PartitionId, View>.Empty.Add(
                P0,
                new View(new Epoch(epoch), Self, [Self, .. others])
            ),
            Paused: false,
            Maintenance: [],
            History: []
        );

    private void Leads(params ReplicaId[] others)
    {
        _register.Send(_data, new FormationRead(null));
        ExpectRole(ReplicaRole.Joining, 0);
        Sys.EventStream.Publish(new StateLearned(State(1, 1, others)));
    }

    /// <summary>As the heartbeat does it: the replica is told only when it waits for the lease.</summary>
    private void HoldsLease(long untilSeconds = 3600)
    {
        // Nothing is granted for an epoch before its heartbeat has claimed it, which the replica's promotion brings about.
        AwaitCondition(() => _board.Of(P0) is { Role: ReplicaRole.Primary or ReplicaRole.Promoting });
        var lease = new LeaseBoard.Lease(new Epoch(1), new Instant(TimeSpan.FromSeconds(untilSeconds)));
        if (_board.Leases.Publish(P0, lease))
            _data.Tell(LeaseRenewed.Instance);
    }

    private void ExpectRole(ReplicaRole role, long epoch) =>
        _heartbeat.ExpectMsg(new HeartbeatActor.RoleChanged(P0, role, new Epoch(epoch), LeaseReleased: false));

    private ImmutableArray<LogEntry> ExpectEntries()
    {
        var envelope = _peer.ExpectMsg<ReplicaEnvelope>();
        Assert.Equal((P0, Self.Node), (envelope.Partition, envelope.From));
        return Assert.IsType<ReplicaMessage.Replicate>(envelope.Message).Entries;
    }

    private void ExpectNews() => Assert.Empty(ExpectEntries());

    private void Acknowledges(long through) =>
        _peer.Send(_data, new ReplicaEnvelope(P0, App2, new ReplicaMessage.Ack(new Epoch(1), Peer, through)));

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef target) => ReceiveAny(target.Forward);
    }
}

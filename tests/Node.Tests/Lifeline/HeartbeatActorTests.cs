using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;

namespace Failover.Node.Tests.Lifeline;

/// <summary>A heartbeat with a test's probes for the node's other actors; it beats once, and then when something changes.</summary>
public sealed class HeartbeatActorTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly PartitionId P0 = new(0);
    private static readonly NodeId App1 = new("app1");
    private static readonly NodeId App2 = new("app2");
    private static readonly NodeId Monitor1 = new("monitor1");
    private static readonly FormationId Formation = new(new Guid(9, 0, 0, new byte[8]));
    private static readonly LeaseOptions Lease = new()
    {
        Interval = TimeSpan.FromMinutes(10),
        Duration = TimeSpan.FromMinutes(30),
    };

    private readonly TestProbe _acceptor;
    private readonly TestProbe _register;
    private readonly TestProbe _replica;
    private readonly ManualTime _time = new();
    private readonly PeerSights _sights = new();
    private readonly StatusBoard _board = new(1);
    private readonly LifelineLoop _loop = new("test-lifeline", _ => { });
    private readonly IActorRef _heartbeat;

    public HeartbeatActorTests()
        : base("akka.loglevel = WARNING")
    {
        _acceptor = CreateTestProbe();
        _register = CreateTestProbe();
        _replica = CreateTestProbe();
        var replica = _replica.Ref;
        var setup = new LifelineSetup(
            App1,
            new Incarnation(1),
            System.Collections.Immutable.ImmutableArray.Create(App1, App2, Monitor1),
            Lease,
            new DetectionOptions { Interval = Lease.Interval },
            new MonotonicClock(_time),
            _loop,
            _board,
            _sights,
            _acceptor,
            _register,
            p => p == P0 ? replica : null
        );
        _heartbeat = Sys.ActorOf(Props.Create(() => new HeartbeatActor(setup)));
        Assert.Equal(App1, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);
    }

    [Fact]
    public void The_lease_is_held_from_when_the_heartbeat_that_a_majority_answered_was_sent()
    {
        Posts(ReplicaRole.Promoting, 1);
        Becomes(ReplicaRole.Promoting, 1);
        var sent = _acceptor.ExpectMsg<AcceptorActor.Claimed>().SentAt;
        _time.Advance(TimeSpan.FromSeconds(1));

        Grants(App1, 1, sent);
        Assert.Null(LeaseOf(1).HeldUntil);
        Grants(App2, 1, sent);

        Assert.Equal(sent + Lease.Reliance, LeaseOf(1).HeldUntil);
    }

    [Fact]
    public void A_replica_is_told_of_a_lease_that_it_waits_for_and_of_no_other()
    {
        Becomes(ReplicaRole.Promoting, 1);
        _board.Leases.Await(P0, LeaseOf(1));

        Grants(App1, 1, Instant.Zero);
        Grants(App2, 1, Instant.Zero);
        _replica.ExpectMsg<LeaseRenewed>();
        _time.Advance(TimeSpan.FromSeconds(1));
        Grants(App1, 1, new Instant(TimeSpan.FromSeconds(1)));
        Grants(App2, 1, new Instant(TimeSpan.FromSeconds(1)));

        Assert.Equal(new Instant(TimeSpan.FromSeconds(1)) + Lease.Reliance, LeaseOf(1).HeldUntil);
        _replica.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_lease_that_is_given_back_is_held_no_more_before_any_voter_hears_of_it()
    {
        Posts(ReplicaRole.Promoting, 1);
        Becomes(ReplicaRole.Promoting, 1);
        _acceptor.ExpectMsg<AcceptorActor.Claimed>();
        Grants(App1, 1, Instant.Zero);
        Grants(App2, 1, Instant.Zero);
        Assert.NotNull(LeaseOf(1).HeldUntil);

        // The message about it has not come yet, but a beat finds it on the board.
        Posts(ReplicaRole.Draining, 1, released: true);
        _heartbeat.Tell(HeartbeatActor.Beat.Instance);

        Assert.True(Assert.Single(_acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Replicas).Released);
        Assert.Null(_board.Leases.Of(P0).HeldUntil);
    }

    [Fact]
    public void Its_own_acceptor_is_asked_only_when_something_is_claimed()
    {
        Becomes(ReplicaRole.Standby, 1);
        Posts(ReplicaRole.Promoting, 2);
        Becomes(ReplicaRole.Promoting, 2);

        var claimed = _acceptor.ExpectMsg<AcceptorActor.Claimed>();
        Assert.Equal(ReplicaRole.Promoting, Assert.Single(claimed.Report.Replicas).Role);
    }

    [Fact]
    public void Grants_of_an_earlier_epoch_count_no_more()
    {
        Becomes(ReplicaRole.Promoting, 1);
        Becomes(ReplicaRole.Standby, 2);
        Becomes(ReplicaRole.Promoting, 3);

        Grants(App1, 1, Instant.Zero);
        Grants(App2, 1, Instant.Zero);
        Grants(Monitor1, 3, Instant.Zero);

        Assert.Null(LeaseOf(3).HeldUntil);
    }

    [Fact]
    public void A_refused_grant_is_none()
    {
        Becomes(ReplicaRole.Promoting, 1);
        Tells(
            new ProbeFrame.HeartbeatAck(
                App2,
                Instant.Zero,
                [new LeaseAnswer(P0, new Epoch(1), Granted: false)],
                null,
                null
            )
        );
        Grants(App1, 1, Instant.Zero);

        Assert.Null(LeaseOf(1).HeldUntil);
    }

    [Fact]
    public void A_heartbeat_is_shown_to_the_acceptor_and_to_the_observers_and_newer_news_are_fetched()
    {
        _heartbeat.Tell(ObserveNodes.Instance, TestActor);
        ExpectMsg<NodeObserved>(o => Assert.Equal(App1, o.Node));

        Tells(new ProbeFrame.Heartbeat(Says(App2, version: 3), Instant.Zero, null));

        Assert.Equal(App2, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);
        Assert.Equal(new RegisterActor.Outdated(App2), _register.ExpectMsg<RegisterActor.Outdated>());
        ExpectMsg<NodeObserved>(o => Assert.Equal((App2, Verdict.Alive), (o.Node, o.Assessment.Verdict)));
    }

    [Fact]
    public void A_late_heartbeat_of_a_replaced_process_is_not_heard()
    {
        Tells(new ProbeFrame.Heartbeat(Says(App2, incarnation: 5), Instant.Zero, null));
        Assert.Equal(App2, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);

        Tells(new ProbeFrame.Heartbeat(Says(App2, incarnation: 4, version: 9), Instant.Zero, null));
        Tells(new ProbeFrame.Heartbeat(Says(Monitor1), Instant.Zero, null));

        Assert.Equal(Monitor1, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);
        _register.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_voters_answer_is_a_heartbeat_of_it()
    {
        _heartbeat.Tell(ObserveNodes.Instance, TestActor);
        ExpectMsg<NodeObserved>(o => Assert.Equal(App1, o.Node));

        Answers(Says(App2, incarnation: 5, version: 3, Reports(ReplicaRole.Primary, 7)));

        // A new process voids what an older one was granted; its own claims stand in its heartbeats.
        var met = _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report;
        Assert.Equal((App2, new Incarnation(5)), (met.Node, met.Incarnation));
        Assert.Empty(met.Replicas);
        Assert.Equal(new RegisterActor.Outdated(App2), _register.ExpectMsg<RegisterActor.Outdated>());
        ExpectMsg<NodeObserved>(o => Assert.Equal((App2, Verdict.Alive), (o.Node, o.Assessment.Verdict)));
        Assert.Equal(ReplicaRole.Primary, _sights.Peers[App2].Report!.Of(P0)!.Role);
    }

    [Fact]
    public void A_late_answer_of_a_replaced_process_neither_counts_as_a_heartbeat_nor_grants_anything()
    {
        Becomes(ReplicaRole.Promoting, 1);
        Grants(App1, 1, Instant.Zero);
        Tells(new ProbeFrame.Heartbeat(Says(App2, incarnation: 5), Instant.Zero, null));

        Answers(Says(App2, incarnation: 4, version: 9));

        Assert.Null(LeaseOf(1).HeldUntil);
        _register.ExpectNoMsg(TimeSpan.Zero);
        Answers(Says(App2, incarnation: 5));
        Assert.NotNull(LeaseOf(1).HeldUntil);
    }

    [Fact]
    public void What_another_formation_says_is_not_heard()
    {
        var other = new FormationId(Guid.NewGuid());
        Sys.EventStream.Publish(
            new StateLearned(
                new(
                    Formation,
                    1,
                    [App1, App2, Monitor1],
                    System.Collections.Immutable.ImmutableSortedDictionary<PartitionId, Core.Views.View>.Empty,
                    false,
                    [],
                    []
                )
            )
        );

        Tells(new ProbeFrame.Heartbeat(Says(App2, version: 9) with { Formation = other }, Instant.Zero, null));
        Tells(new ProbeFrame.Heartbeat(Says(Monitor1), Instant.Zero, null));

        Assert.Equal(Monitor1, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);
        _register.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_process_whose_port_refuses_is_gone_and_whoever_begins_to_lead_is_told_so_again()
    {
        Posts(ReplicaRole.Standby, 1);
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        Sys.EventStream.Publish(
            new NodeMet(new NodeInfo(App2, new Incarnation(1), [], "akka://test", "", "127.0.0.1", port, "1"))
        );
        _acceptor.ExpectMsg(new AcceptorActor.ProcessGone(App2, new Incarnation(1)));
        _replica.ExpectMsg(new ReplicaInput.ProcessGone(App2));

        Becomes(ReplicaRole.Promoting, 2);

        _replica.ExpectMsg(new ReplicaInput.ProcessGone(App2));
    }

    [Fact]
    public void Somebody_who_speaks_another_protocol_is_noted() =>
        EventFilter
            .Warning(contains: "a probe frame of 7 bytes")
            .ExpectOne(() => _heartbeat.Tell(new ProbeGarbage("a probe frame of 7 bytes")));

    [Fact]
    public void What_a_node_reports_anew_is_an_event_when_the_picture_shows_it_and_its_positions_are_none()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Happening));
        Tells(new ProbeFrame.Heartbeat(Says(App2, replica: Reports(ReplicaRole.Joining, 0)), Instant.Zero, null));
        ExpectMsg(new Happening("report", "app2 reports partition 0: joining in epoch 2"));

        Tells(new ProbeFrame.Heartbeat(Says(App2, replica: Reports(ReplicaRole.Joining, 5)), Instant.Zero, null));
        Tells(new ProbeFrame.Heartbeat(Says(App2, replica: Reports(ReplicaRole.Standby, 7)), Instant.Zero, null));

        ExpectMsg(new Happening("report", "app2 reports partition 0: standby in epoch 2"));
        Assert.Equal(ReplicaRole.Standby, _sights.Peers[App2].Report!.Of(P0)!.Role);
    }

    [Fact]
    public void Of_a_node_that_lives_on_and_says_what_it_said_nobody_hears_again()
    {
        _heartbeat.Tell(ObserveNodes.Instance, TestActor);
        ExpectMsg<NodeObserved>(o => Assert.Equal(App1, o.Node));
        Says(ReplicaRole.Standby, 5);
        ExpectMsg<NodeObserved>(o => Assert.Equal(App2, o.Node));

        _time.Advance(TimeSpan.FromSeconds(1));
        Says(ReplicaRole.Standby, 5);
        _heartbeat.Tell(HeartbeatActor.Beat.Instance);
        Says(ReplicaRole.Standby, 6);
        _heartbeat.Tell(HeartbeatActor.Beat.Instance);
        HasHandledAll();
        _time.Advance(TimeSpan.FromSeconds(1));
        _heartbeat.Tell(HeartbeatActor.Beat.Instance);

        ExpectMsg<NodeObserved>(o => Assert.Equal(6, o.Report!.Of(P0)!.Last.Sequence));
        ExpectNoMsg(TimeSpan.Zero);

        void Says(ReplicaRole role, long last) =>
            Tells(
                new ProbeFrame.Heartbeat(
                    HeartbeatActorTests.Says(App2, replica: Reports(role, last)),
                    Instant.Zero,
                    null
                )
            );
    }

    [Fact]
    public void A_replica_that_begins_to_hang_is_news()
    {
        _heartbeat.Tell(ObserveNodes.Instance, TestActor);
        ExpectMsg<NodeObserved>(o => Assert.Equal(App1, o.Node));
        var works = Reports(ReplicaRole.Standby, 5);
        Tells(new ProbeFrame.Heartbeat(Says(App2, replica: works), Instant.Zero, null));
        ExpectMsg<NodeObserved>(o => Assert.Equal(App2, o.Node));

        var hangs = works with { Idle = new DetectionOptions().HungAfter };
        Tells(new ProbeFrame.Heartbeat(Says(App2, replica: hangs), Instant.Zero, null));

        ExpectMsg<NodeObserved>(o => Assert.Equal(hangs, o.Report!.Of(P0)));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _loop.Dispose();
    }

    private static ReplicaReport Reports(ReplicaRole role, long last) =>
        new(
            P0,
            new ReplicaId(App2, new DataId(Guid.Empty)),
            role,
            new Epoch(2),
            new Position(new Epoch(2), last),
            0,
            Released: false,
            TimeSpan.Zero,
            Trouble: null
        );

    private static NodeReport Says(
        NodeId node,
        long incarnation = 1,
        long version = 0,
        ReplicaReport? replica = null
    ) => new(node, new Incarnation(incarnation), null, version, false, replica is null ? [] : [replica]);

    private void Posts(ReplicaRole role, long epoch, bool released = false) =>
        _board.Post(
            new StatusBoard.Line(
                P0,
                new ReplicaId(App1, new DataId(Guid.Empty)),
                role,
                new Epoch(epoch),
                Position.Zero,
                0,
                released,
                Trouble: null,
                Instant.Zero,
                Entries: 0
            )
        );

    /// <summary>What the board shows once the heartbeat has handled all that it was told.</summary>
    private LeaseBoard.Lease LeaseOf(long epoch)
    {
        HasHandledAll();
        var lease = _board.Leases.Of(P0);
        Assert.Equal(new Epoch(epoch), lease.Epoch);
        return lease;
    }

    private void HasHandledAll() =>
        _heartbeat.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();

    private void Becomes(ReplicaRole role, long epoch) =>
        _heartbeat.Tell(new HeartbeatActor.RoleChanged(P0, role, new Epoch(epoch), LeaseReleased: false));

    private void Grants(NodeId voter, long epoch, Instant sentAt) =>
        Tells(
            new ProbeFrame.HeartbeatAck(
                voter,
                sentAt,
                [new LeaseAnswer(P0, new Epoch(epoch), Granted: true)],
                null,
                null
            )
        );

    private void Answers(NodeReport report) =>
        Tells(
            new ProbeFrame.HeartbeatAck(
                report.Node,
                Instant.Zero,
                [new LeaseAnswer(P0, new Epoch(1), Granted: true)],
                report,
                Lease.Interval
            )
        );

    private void Tells(ProbeFrame frame) => _heartbeat.Tell(new FrameReceived(frame, _ => true));
}

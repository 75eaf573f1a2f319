using System.Buffers.Binary;
using System.Collections.Immutable;
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

/// <summary>What app2, the primary, hears of app1, which follows it: over a real socket, in the test's own time.</summary>
public sealed class HeartbeatExchangeTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly PartitionId P0 = new(0);
    private static readonly NodeId App1 = new("app1");
    private static readonly NodeId App2 = new("app2");
    private static readonly NodeId Monitor1 = new("monitor1");
    private static readonly FormationId Formation = new(new Guid(9, 0, 0, new byte[8]));
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly FormationState State = new(
        Formation,
        1,
        [App1, App2, Monitor1],
        ImmutableSortedDictionary<PartitionId, Core.Views.View>.Empty.Add(
            P0,
            new(new Epoch(1), ReplicaOf(App2), [ReplicaOf(App1), ReplicaOf(App2)])
        ),
        false,
        [],
        []
    );

    private readonly ManualTime _time = new();
    private readonly StatusBoard _board = new(1);
    private readonly LifelineLoop _loop = new("test-lifeline", _ => { });
    private readonly TestProbe _acceptor;
    private readonly IActorRef _heartbeat;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NetworkStream _heard;
    private readonly Instant _settled;

    public HeartbeatExchangeTests()
        : base("akka.loglevel = WARNING")
    {
        Posts(ReplicaRole.Standby);
        _acceptor = CreateTestProbe();
        var register = CreateTestProbe();
        var setup = new LifelineSetup(
            App1,
            new Incarnation(1),
            ImmutableArray.Create(App1, App2, Monitor1),
            new LeaseOptions { Interval = Interval, Duration = Interval * 6 },
            new DetectionOptions { Interval = Interval },
            new MonotonicClock(_time),
            _loop,
            _board,
            new PeerSights(),
            _acceptor,
            register,
            _ => null
        );
        _heartbeat = Sys.ActorOf(Props.Create(() => new HeartbeatActor(setup)));
        Assert.Equal(App1, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);
        Sys.EventStream.Publish(new StateLearned(State));
        IsClaimed(_ => true);
        Assert.Equal(App2, _acceptor.ExpectMsg<AcceptorActor.Claimed>().Report.Node);

        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Sys.EventStream.Publish(
            new NodeMet(new NodeInfo(App2, new Incarnation(1), [], "akka://test", "", "127.0.0.1", port, "1"))
        );
        _heard = _listener.AcceptTcpClient().GetStream();
        AwaitCondition(() =>
        {
            Beats();
            return _heard.DataAvailable;
        });
        var first = Heard();
        Assert.Equal(Interval * 4, first.NextWithin);
        _settled = first.SentAt;
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _heard.Dispose();
        _listener.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void A_follower_whose_acceptor_does_not_vote_is_heard_each_fourth_interval()
    {
        for (var i = 0; i < 8; i++)
            IntervalPasses(votes: false);

        Assert.Equal((4, ReplicaRole.Standby), IntervalAndRole(Heard()));
        Assert.Equal((8, ReplicaRole.Standby), IntervalAndRole(Heard()));
    }

    [Fact]
    public void An_answer_that_could_not_be_sent_takes_no_heartbeats_place()
    {
        for (var i = 0; i < 8; i++)
            IntervalPasses(votes: true, _ => false);

        Assert.Equal((4, ReplicaRole.Standby), IntervalAndRole(Heard()));
        Assert.Equal((8, ReplicaRole.Standby), IntervalAndRole(Heard()));
    }

    [Fact]
    public void Answers_take_the_place_of_the_heartbeats_until_there_is_one_too_few()
    {
        for (var i = 0; i < 6; i++)
            IntervalPasses(votes: true);
        for (var i = 6; i < 8; i++)
            IntervalPasses(votes: false);

        Assert.Equal((8, ReplicaRole.Standby), IntervalAndRole(Heard()));
    }

    [Fact]
    public void An_answer_says_what_a_heartbeat_would_and_that_the_next_is_an_interval_away()
    {
        IntervalPasses(
            votes: true,
            frame =>
            {
                TestActor.Tell(frame);
                return true;
            }
        );

        var answer = ExpectMsg<ProbeFrame.HeartbeatAck>();
        Assert.Equal((App1, Interval), (answer.Voter, answer.NextWithin));
        Assert.Equal((App1, 1), (answer.Report!.Node, answer.Report.Version));
        Assert.Equal(ReplicaRole.Standby, answer.Report.Of(P0)!.Role);
        Assert.True(Assert.Single(answer.Answers).Granted);
    }

    [Fact]
    public void News_that_an_answer_finds_are_told_to_everybody_at_once()
    {
        Posts(ReplicaRole.Failed);

        IntervalPasses(votes: true);

        Assert.Equal((1, ReplicaRole.Failed), IntervalAndRole(Heard()));
    }

    [Fact]
    public void That_the_monitor_runs_here_is_told_at_once()
    {
        _heartbeat.Tell(new MonitorRuns(true));

        Assert.True(Heard().Report.Monitoring);
    }

    [Fact]
    public void A_new_version_is_told_at_once()
    {
        Sys.EventStream.Publish(new StateLearned(State with { Version = 2 }));

        Assert.Equal(2, Heard().Report.Version);
    }

    [Fact]
    public void When_the_primary_is_gone_the_full_pace_begins_at_once()
    {
        _heartbeat.Tell(new ProbeChanged(App2, new Incarnation(1), ProbeState.Refused));

        var now = Heard();
        Assert.Equal((0, ReplicaRole.Standby), IntervalAndRole(now));
        Assert.Equal(Interval, now.NextWithin);
        _time.Advance(Interval);
        Beats();
        Assert.Equal((1, ReplicaRole.Standby), IntervalAndRole(Heard()));
    }

    private void IntervalPasses(bool votes, Func<ProbeFrame, bool>? reply = null)
    {
        _time.Advance(Interval);
        IsClaimed(reply ?? (_ => true));
        var claimed = _acceptor.ExpectMsg<AcceptorActor.Claimed>();
        if (votes)
        {
            LeaseAnswer[] answers = [new(P0, new Epoch(1), Granted: true)];
            claimed.Votes(new AcceptorEffect.AnswerClaims(App2, claimed.SentAt, answers));
        }

        Beats();
    }

    private void IsClaimed(Func<ProbeFrame, bool> reply)
    {
        var report = new NodeReport(App2, new Incarnation(1), Formation, 1, false, [Leads()]);
        _heartbeat.Tell(new FrameReceived(new ProbeFrame.Heartbeat(report, Instant.Zero, Interval), reply));
    }

    private void Beats()
    {
        _heartbeat.Tell(HeartbeatActor.Beat.Instance);
        // Everything before is handled now.
        _heartbeat.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
    }

    private ProbeFrame.Heartbeat Heard()
    {
        var header = new byte[ProbeCodec.HeaderBytes];
        _heard.ReadExactly(header);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
        _heard.ReadExactly(body);
        return Assert.IsType<ProbeFrame.Heartbeat>(ProbeCodec.Decode(body));
    }

    private (int Interval, ReplicaRole Role) IntervalAndRole(ProbeFrame.Heartbeat heartbeat) =>
        ((int)((heartbeat.SentAt - _settled) / Interval), heartbeat.Report.Of(P0)!.Role);

    private static ReplicaId ReplicaOf(NodeId node) => new(node, new DataId(Guid.Empty));

    private static ReplicaReport Leads() =>
        new(
            P0,
            ReplicaOf(App2),
            ReplicaRole.Primary,
            new Epoch(1),
            Position.Zero,
            0,
            Released: false,
            TimeSpan.Zero,
            Trouble: null
        );

    private void Posts(ReplicaRole role) =>
        _board.Post(
            new StatusBoard.Line(
                P0,
                ReplicaOf(App1),
                role,
                new Epoch(1),
                Position.Zero,
                0,
                Released: false,
                Trouble: null,
                Instant.Zero,
                Entries: 0
            )
        );
}

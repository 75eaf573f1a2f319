using Failover.Core.Detection;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Detection;

/// <summary>Node b, which follows a; c follows as well. A heartbeat each 50 ms at the full pace.</summary>
public sealed class HeartbeatPaceTests
{
    private static readonly DetectionOptions Options = new() { Interval = Ms(50) };
    private static readonly NodeReport Follows = Report(ReplicaB, ReplicaRole.Standby);

    private readonly HeartbeatPace _pace = new(Options);
    private readonly Dictionary<NodeId, PeerHealth> _peers = new()
    {
        [A] = new PeerHealth(A, Options),
        [C] = new PeerHealth(C, Options),
    };
    private readonly Dictionary<NodeId, NodeReport> _reports = new()
    {
        [A] = Report(ReplicaA, ReplicaRole.Primary),
        [C] = Report(ReplicaC, ReplicaRole.Standby),
    };
    private FormationState? _state = State(1, ViewOf(1, ReplicaA, ReplicaB, ReplicaC));
    private Instant _now = At(1_000);

    [Fact]
    public void Whoever_leads_nothing_while_all_is_settled_beats_each_fourth_interval_and_promises_so()
    {
        Assert.Equal([(A, Ms(200)), (C, Ms(200))], Beats(Follows));
        Assert.Empty(BeatsAfter(50));
        Assert.Empty(BeatsAfter(50));
        Assert.Empty(BeatsAfter(50));
        Assert.Equal([(A, Ms(200)), (C, Ms(200))], BeatsAfter(50));
    }

    [Fact]
    public void A_beat_that_comes_a_little_early_keeps_the_promise_too()
    {
        Beats(Follows);

        Assert.Empty(BeatsAfter(149));
        Assert.Equal(2, BeatsAfter(50).Length);
    }

    [Fact]
    public void An_answer_takes_the_place_of_the_heartbeats_to_whoever_claims_and_of_no_others()
    {
        Beats(Follows);
        for (var i = 0; i < 3; i++)
        {
            Answers(A);
            Assert.Empty(BeatsAfter(50));
        }

        Answers(A);
        Assert.Equal([(C, Ms(200))], BeatsAfter(50));
    }

    [Fact]
    public void A_claim_that_comes_a_little_late_costs_no_heartbeat()
    {
        Beats(Follows);
        Answers(A);

        Assert.Empty(BeatsAfter(62));
    }

    [Fact]
    public void When_claims_stop_the_own_heartbeats_go_on_as_the_answers_promised()
    {
        Beats(Follows);
        Answers(A);
        Assert.Equal(Ms(50), HeartbeatPace.AfterAnswer(_peers[A]));

        Assert.Empty(BeatsAfter(50));
        Assert.Equal([(A, Ms(200))], BeatsAfter(50));
    }

    [Fact]
    public void Whoever_claims_tells_everybody_each_interval_even_those_it_has_answered()
    {
        var leads = Report(ReplicaB, ReplicaRole.Primary);
        _state = State(1, ViewOf(1, ReplicaB, ReplicaA, ReplicaC));
        _reports[A] = Report(ReplicaA, ReplicaRole.Standby);

        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(leads));
        Answers(A);
        _now += Ms(1);
        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(leads));
    }

    [Fact]
    public void Whoever_has_given_its_lease_back_goes_on_saying_so_at_the_full_pace()
    {
        var released = With(Report(ReplicaB, ReplicaRole.Draining), r => r with { Released = true });

        Beats(released);
        Answers(A);

        Assert.Equal([(A, Ms(50)), (C, Ms(50))], BeatsAfter(50, released));
    }

    public static TheoryData<NodeReport> News =>
        new(
            Follows with
            {
                Version = 2,
            },
            Follows with
            {
                Monitoring = true,
            },
            Follows with
            {
                Incarnation = new(2),
            },
            Follows with
            {
                Formation = null,
            },
            Follows with
            {
                Replicas = [],
            },
            With(Follows, r => r with { Trouble = "its disk is slow" }),
            With(Follows, r => r with { Role = ReplicaRole.Joining }),
            With(Follows, r => r with { Role = ReplicaRole.Promoting }),
            With(Follows, r => r with { Epoch = new(2) }),
            With(Follows, r => r with { Replica = NewReplicaB }),
            With(Follows, r => r with { Released = true })
        );

    [Theory]
    [MemberData(nameof(News))]
    public void News_are_told_to_everybody_at_once(NodeReport news)
    {
        Beats(Follows);
        _now += Ms(1);
        Answers(A);

        Assert.True(Says(news));
        Assert.Equal([A, C], Beats(news).Select(b => b.To));
        Assert.False(Says(news));
    }

    [Fact]
    public void Positions_and_idleness_are_no_news()
    {
        Beats(Follows);

        Assert.False(
            Says(With(Follows, r => r with { Last = Pos(1, 10), Commit = 10, Idle = TimeSpan.FromSeconds(2) }))
        );
        Assert.Empty(BeatsAfter(50));
    }

    [Fact]
    public void News_that_could_not_be_sent_are_owed_still()
    {
        Beats(Follows);
        Says(Follows with { Version = 2 });

        Assert.Equal([A, C], BeatsAfter(50, Follows with { Version = 2 }).Select(b => b.To));
    }

    [Fact]
    public void A_monitor_without_data_rests_as_well()
    {
        var monitor = new NodeReport(B, new(1), Formation, 1, true, []);

        Assert.Equal([(A, Ms(200)), (C, Ms(200))], Beats(monitor));
    }

    [Theory]
    [InlineData(ReplicaRole.Starting)]
    [InlineData(ReplicaRole.Joining)]
    [InlineData(ReplicaRole.Candidate)]
    [InlineData(ReplicaRole.Failed)]
    public void Whoever_is_not_in_its_place_beats_at_the_full_pace(ReplicaRole role)
    {
        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(Report(ReplicaB, role)));
        Assert.Equal(2, BeatsAfter(50, Report(ReplicaB, role)).Length);
    }

    [Fact]
    public void A_primary_that_hangs_claims_nothing_and_is_heard_at_the_full_pace_all_the_same()
    {
        var hangs = With(Report(ReplicaB, ReplicaRole.Primary), r => r with { Idle = TimeSpan.FromSeconds(4) });

        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(hangs));
    }

    [Fact]
    public void Before_a_formation_is_known_nothing_is_settled()
    {
        _state = null;

        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(Follows));
    }

    [Theory]
    [InlineData(ReplicaRole.Promoting, 1)]
    [InlineData(ReplicaRole.Draining, 1)]
    [InlineData(ReplicaRole.Primary, 2)]
    public void While_a_partition_has_no_primary_that_serves_nobody_rests(ReplicaRole role, long epoch)
    {
        _reports[A] = Report(ReplicaA, role, epoch);

        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(Follows));
    }

    [Fact]
    public void When_the_primary_falls_silent_everybody_is_told_at_once_that_this_node_lives()
    {
        Beats(Follows);
        _now += Ms(1);
        Beats(Follows);

        Silent(A);

        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(Follows));
        Assert.Equal(2, BeatsAfter(50).Length);
    }

    [Fact]
    public void Whoever_is_not_heard_is_told_at_the_full_pace()
    {
        Silent(C);

        Assert.Equal([(A, Ms(200)), (C, Ms(50))], Beats(Follows));
    }

    [Fact]
    public void A_program_that_does_not_say_when_its_next_heartbeat_comes_gets_all_of_them()
    {
        _peers[A].Heartbeat(new(1), null, _now);

        Assert.Equal([(A, Ms(50)), (C, Ms(200))], Beats(Follows));
        Answers(A);
        Assert.Equal([(A, Ms(50))], BeatsAfter(50));
    }

    [Fact]
    public void A_change_of_role_is_told_to_everybody_whatever_the_report_says()
    {
        Beats(Follows);

        _pace.OweAll();

        Assert.Equal([A, C], Beats(Follows).Select(b => b.To));
    }

    [Fact]
    public void A_claimant_whom_nobody_asks_beats_each_interval_and_a_half_and_promises_so()
    {
        _reports[A] = Follows;
        _state = State(1, ViewOf(1, ReplicaB, ReplicaA, ReplicaC));
        var leads = Report(ReplicaB, ReplicaRole.Primary);
        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(leads));
        Assert.Equal(Ms(50), _pace.BeatEvery);

        _pace.IsQuiet = true;
        Assert.Equal([(A, Ms(75)), (C, Ms(75))], Beats(leads));
        Assert.True(_pace.Dozes);
        Assert.Equal(Ms(75), _pace.BeatEvery);

        _pace.IsQuiet = false;
        Assert.Equal([(A, Ms(50)), (C, Ms(50))], Beats(leads));
        Assert.False(_pace.Dozes);
        Assert.Equal(Ms(50), _pace.BeatEvery);
    }

    [Fact]
    public void A_claimant_does_not_take_it_easier_before_it_serves_what_it_should_lead()
    {
        _state = State(1, ViewOf(1, ReplicaB, ReplicaA, ReplicaC));
        _pace.IsQuiet = true;
        var promoting = Report(ReplicaB, ReplicaRole.Promoting);
        Beats(promoting);

        Beats(promoting);

        Assert.False(_pace.Dozes);
    }

    [Fact]
    public void The_lease_of_a_claimant_that_takes_it_easier_never_lapses()
    {
        var lease = new LeaseOptions { Interval = Options.Interval };

        Assert.True(Options.QuietInterval + Ms(10) < lease.Reliance);
    }

    [Fact]
    public void An_answer_lasts_as_long_as_the_claimant_promised_and_so_does_the_rest_of_whoever_answers()
    {
        Beats(Follows);
        Beats(Follows);
        _peers[A].Heartbeat(new(1), Ms(75), _now);

        Assert.Equal(Ms(75), HeartbeatPace.AfterAnswer(_peers[A]));
        Assert.Equal(Ms(87.5), _pace.BeatAfterAnswer(_peers[A]));
    }

    [Fact]
    public void Whoever_leads_something_goes_on_beating_between_its_answers()
    {
        Beats(Report(ReplicaB, ReplicaRole.Primary));

        Assert.Null(_pace.BeatAfterAnswer(_peers[A]));
    }

    private static NodeReport Report(ReplicaId replica, ReplicaRole role, long epoch = 1) =>
        new(
            replica.Node,
            new(1),
            Formation,
            1,
            false,
            [new(P0, replica, role, new(epoch), Pos(epoch, 9), 0, false, TimeSpan.Zero, null)]
        );

    private static NodeReport With(NodeReport report, Func<ReplicaReport, ReplicaReport> change) =>
        report with
        {
            Replicas = [.. report.Replicas.Select(change)],
        };

    private void Silent(NodeId node)
    {
        _peers[node] = new PeerHealth(node, Options);
        _peers[node].ProbeChanged(ProbeState.Refused, _now);
    }

    private void Answers(NodeId claimant) => _pace.Answered(_peers[claimant], _now);

    private bool Says(NodeReport report)
    {
        // Whoever lives is heard all the time; what it hears in return is the matter here.
        foreach (var peer in _peers.Values)
        {
            if (peer.Probe != ProbeState.Refused)
                peer.Heartbeat(new(1), peer.LastHeartbeat is null || peer.SaysWhenNext ? Ms(50) : null, _now);
        }

        return _pace.Says(
            report,
            _state,
            node => _peers[node].VerdictAt(_now) == Verdict.Alive ? _reports[node] : null
        );
    }

    private (NodeId To, TimeSpan NextWithin)[] Beats(NodeReport report)
    {
        Says(report);
        List<(NodeId, TimeSpan)> sent = [];
        foreach (var (node, peer) in _peers)
        {
            if (!_pace.IsOwed(node, _now))
                continue;
            var next = _pace.NextWithin(peer, _now);
            _pace.Sent(node, next, _now);
            sent.Add((node, next));
        }

        return [.. sent];
    }

    private (NodeId To, TimeSpan NextWithin)[] BeatsAfter(double milliseconds, NodeReport? report = null)
    {
        _now += Ms(milliseconds);
        return Beats(report ?? Follows);
    }
}

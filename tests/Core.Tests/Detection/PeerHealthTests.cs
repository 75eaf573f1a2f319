using Failover.Core.Detection;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Detection;

public sealed class PeerHealthTests
{
    private readonly PeerHealth _b = new(
        B,
        new DetectionOptions
        {
            Interval = Ms(50),
            Misses = 3,
            Phi = 8,
        }
    );
    private Instant _now = At(1_000);

    [Fact]
    public void A_peer_that_was_never_heard_of_is_unknown_and_not_dead()
    {
        Assert.Equal(Assessment.Unknown, _b.Assess(_now));
        Assert.Null(_b.NextChange(_now));
    }

    [Fact]
    public void Three_missed_heartbeats_and_their_grace_make_a_suspicion_with_its_reason()
    {
        Beats(20);

        Assert.Equal(Verdict.Alive, After(199).Verdict);

        Spelled.Same(
            new Assessment(Verdict.Suspected, ["last heartbeat of b is 200 ms old (4 missed, φ 99.0)"], _now - Ms(199)),
            After(1)
        );
    }

    [Fact]
    public void An_unsteady_rhythm_needs_more_than_missed_heartbeats()
    {
        for (var i = 0; i < 20; i++)
            Beat(i % 2 == 0 ? 10 : 140);

        Assert.Equal(Verdict.Alive, After(200).Verdict);
        Assert.Equal(_now + Ms(25), _b.NextChange(_now));
        Assert.Equal(Verdict.Suspected, After(300).Verdict);
    }

    [Fact]
    public void A_heartbeat_revives_a_suspected_peer()
    {
        Beats(20);
        Assert.True(After(500).IsDown);

        Beat(0);

        Assert.Equal(Verdict.Alive, After(50).Verdict);
    }

    [Fact]
    public void A_refused_connection_is_death_at_once()
    {
        Beats(20);
        _b.ProbeChanged(ProbeState.Connected, _now);
        _now += Ms(10);
        _b.ProbeChanged(ProbeState.Refused, _now);

        Spelled.Same(
            new Assessment(
                Verdict.Dead,
                [
                    "last heartbeat of b is 13 ms old (0 missed, φ 0.0)",
                    "connection to b's probe port closed, and a new one is refused: its process is gone (3 ms ago)",
                ],
                _now - Ms(10)
            ),
            After(3)
        );
    }

    [Fact]
    public void A_lost_connection_alone_is_no_death()
    {
        Beats(20);
        _b.ProbeChanged(ProbeState.Lost, _now);

        Assert.Equal(Verdict.Alive, After(100).Verdict);
    }

    [Fact]
    public void A_peer_that_refuses_before_it_was_ever_heard_of_is_dead()
    {
        _b.ProbeChanged(ProbeState.Refused, _now);

        Assert.Equal((Verdict.Dead, null), (_b.Assess(_now).Verdict, _b.Assess(_now).Since));
    }

    [Fact]
    public void A_heartbeat_disproves_the_refusal()
    {
        Beats(20);
        _b.ProbeChanged(ProbeState.Refused, _now);

        Beat(50);

        Assert.Equal((Verdict.Alive, ProbeState.Lost), (After(1).Verdict, _b.Probe));
    }

    [Fact]
    public void A_late_heartbeat_of_a_replaced_process_is_no_sign_of_life()
    {
        _b.Heartbeat(new(2), Ms(50), _now);
        _now += Ms(500);

        Assert.False(_b.Heartbeat(new(1), Ms(50), _now));

        Assert.Equal(At(1_000), _b.LastHeartbeat);
        Assert.Equal(new Incarnation(2), _b.Incarnation);
    }

    [Fact]
    public void A_new_process_starts_with_a_rhythm_of_its_own()
    {
        for (var i = 0; i < 20; i++)
            Beat(i % 2 == 0 ? 10 : 140);

        _b.Heartbeat(new(2), Ms(50), _now);

        Assert.Equal(Verdict.Suspected, After(210).Verdict);
    }

    [Fact]
    public void The_clusters_opinion_is_evidence_and_no_verdict()
    {
        Beats(20);
        _b.ClusterReachability(reachable: false);
        _b.ActorTerminated();
        Assert.Equal(Verdict.Alive, After(100).Verdict);

        Spelled.Equal(
            [
                "last heartbeat of b is 300 ms old (6 missed, φ 99.0)",
                "the cluster's failure detector calls b unreachable",
                "the watched actor of b terminated",
            ],
            After(200).Evidence
        );
    }

    [Fact]
    public void Evidence_that_was_withdrawn_is_not_repeated()
    {
        Beats(20);
        _b.ClusterReachability(reachable: false);
        _b.ActorTerminated();

        _b.ClusterReachability(reachable: true);
        _b.Heartbeat(new(2), Ms(50), _now);

        Assert.Single(After(1_000).Evidence);
    }

    [Fact]
    public void Time_alone_changes_the_verdict_when_the_misses_are_full()
    {
        Beats(20);

        Assert.Equal(_now + Ms(200), _b.NextChange(_now));
        After(300);
        Assert.Null(_b.NextChange(_now));
    }

    [Fact]
    public void A_peer_that_promised_its_next_heartbeat_later_is_missed_later()
    {
        Beats(20);
        _b.Heartbeat(new(1), Ms(200), _now);

        Assert.Equal(_now + Ms(500), _b.NextChange(_now));
        Assert.Equal(Verdict.Alive, After(499).Verdict);
        Spelled.Equal(["last heartbeat of b is 500 ms old (2 missed, φ 99.0)"], After(1).Evidence);
    }

    [Fact]
    public void A_peer_that_goes_on_at_the_full_pace_is_missed_as_soon_as_ever()
    {
        for (var i = 0; i < 20; i++)
            Beat(200, next: 200);
        Beat(30);

        Assert.Equal(Verdict.Alive, After(199).Verdict);
        Assert.Equal(Verdict.Suspected, After(1).Verdict);
    }

    [Fact]
    public void Whoever_does_not_say_when_its_next_heartbeat_comes_is_expected_each_interval()
    {
        Beats(20);
        Assert.True(_b.SaysWhenNext);

        _b.Heartbeat(new(1), null, _now);

        Assert.False(_b.SaysWhenNext);
        Assert.Equal(_now + Ms(200), _b.NextChange(_now));
    }

    private void Beats(int times)
    {
        for (var i = 0; i < times; i++)
            Beat(50);
    }

    private void Beat(double after, double next = 50)
    {
        _now += Ms(after);
        _b.Heartbeat(new(1), Ms(next), _now);
    }

    private Assessment After(double milliseconds)
    {
        _now += Ms(milliseconds);
        return _b.Assess(_now);
    }
}

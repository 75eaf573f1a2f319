using Failover.Core.Detection;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Detection;

public sealed class PhiAccrualTests
{
    private readonly PhiAccrual _phi = new(
        new DetectionOptions
        {
            Interval = Ms(50),
            Misses = 3,
            Window = 10,
        }
    );
    private Instant _now = At(1_000);

    [Fact]
    public void Before_the_first_heartbeat_nothing_is_surprising() => Assert.Equal(0, _phi.Phi(_now));

    [Fact]
    public void A_heartbeat_that_is_not_due_yet_is_not_missed()
    {
        Beats(10, every: 50);

        Assert.True(PhiAfter(0) < 0.1);
        Assert.True(PhiAfter(50) < 1);
    }

    [Fact]
    public void Silence_becomes_the_more_surprising_the_longer_it_lasts()
    {
        Beats(10, every: 50);

        double[] phis = [.. Enumerable.Range(0, 20).Select(i => PhiAfter(i * 10))];

        Assert.Equal(phis.Order(), phis);
        Assert.True(PhiAfter(90) < 8);
        Assert.True(PhiAfter(120) > 8);
    }

    [Fact]
    public void An_endless_silence_is_still_a_number_to_compare()
    {
        Beats(10, every: 50);

        Assert.True(PhiAfter(3_600_000) > 8);
        Assert.False(double.IsNaN(PhiAfter(3_600_000)));
    }

    [Fact]
    public void An_unsteady_peer_is_given_more_time()
    {
        Beats(10, every: 50);
        var steady = PhiAfter(150);

        Beats(5, every: 20);
        foreach (var interval in (double[])[20, 90, 20, 90, 20, 90, 20, 90, 20, 90])
            Beats(1, interval);

        Assert.True(PhiAfter(150) < steady);
        Assert.True(PhiAfter(150) < 8);
    }

    [Fact]
    public void A_silence_that_was_survived_does_not_teach_that_silence_is_normal()
    {
        Beats(10, every: 50);
        Beats(1, every: 10_000);
        var afterLong = PhiAfter(400);

        Beats(10, every: 50);
        Beats(1, every: 150);

        Assert.Equal(PhiAfter(400), afterLong, tolerance: 1e-6);
    }

    [Fact]
    public void Only_the_window_is_remembered()
    {
        Beats(50, every: 120);
        Beats(11, every: 50);

        Assert.True(PhiAfter(120) > 8);
    }

    [Fact]
    public void With_too_few_heartbeats_the_configured_rhythm_is_assumed()
    {
        Beats(2, every: 10);

        Assert.True(PhiAfter(50) < 1);
        Assert.True(PhiAfter(250) > 8);
    }

    [Fact]
    public void Another_process_has_another_rhythm()
    {
        Beats(10, every: 50);

        _phi.Reset();

        Assert.Equal(0, PhiAfter(10_000));
        Assert.Null(_phi.LastHeartbeat);
    }

    [Fact]
    public void A_slow_peer_that_keeps_its_promises_is_as_steady_as_a_fast_one()
    {
        Beats(10, every: 50);
        var fast = PhiAfter(150);

        Beats(1, every: 50, next: 200);
        Beats(9, every: 200, next: 200);

        Assert.Equal(fast, PhiAfter(300), tolerance: 1e-6);
    }

    [Fact]
    public void News_out_of_turn_do_not_make_a_slow_peer_an_unsteady_one()
    {
        Beats(10, every: 200, next: 200);
        Beats(1, every: 3, next: 200);
        Beats(8, every: 200, next: 200);

        Assert.True(PhiAfter(350) > 8);
    }

    private double PhiAfter(double silence) => _phi.Phi(_now + Ms(silence));

    private void Beats(int times, double every, double next = 50)
    {
        for (var i = 0; i < times; i++)
        {
            _now += Ms(every);
            _phi.Heartbeat(Ms(next), _now);
        }
    }
}

using Failover.Core.Leases;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Leases;

public sealed class LeaseOptionsTests
{
    [Fact]
    public void The_granting_side_outwaits_the_holding_side_though_its_clock_runs_faster_by_the_tolerance()
    {
        var options = new LeaseOptions { Duration = Ms(300) };

        var onTheHoldersClock = options.GrantDuration / (1 + LeaseOptions.ClockRateTolerance);

        Assert.True(onTheHoldersClock > options.Duration);
    }

    [Theory]
    [InlineData(50, 300)]
    [InlineData(50, 100)]
    [InlineData(200, 500)]
    [InlineData(10, 10_000)]
    public void A_primary_relies_on_a_grant_for_less_than_any_voter_keeps_it_whatever_the_voter_hears(
        double interval,
        double duration
    )
    {
        var options = new LeaseOptions { Interval = Ms(interval), Duration = Ms(duration) };
        var longest = options.Reliance * (1 + LeaseOptions.ClockRateTolerance);

        Assert.True(longest < options.GraceAfterDeath);
        Assert.True(longest < options.GrantDuration);
        Assert.True(options.Reliance > options.Interval, "each heartbeat renews what the one before gave");
    }

    [Fact]
    public void A_lease_shorter_than_two_heartbeats_is_refused_by_name()
    {
        var options = new LeaseOptions { Interval = Ms(200), Duration = Ms(300) };

        var error = Assert.Throws<ArgumentException>(options.Validate);

        Assert.Equal(
            "failover.heartbeat.lease (300 ms) must be at least twice failover.heartbeat.interval (200 ms)",
            error.Message
        );
    }

    [Fact]
    public void A_lease_of_two_heartbeats_is_allowed() =>
        new LeaseOptions { Interval = Ms(150), Duration = Ms(300) }.Validate();

    [Fact]
    public void Durations_must_be_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeaseOptions { Interval = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeaseOptions { Duration = Ms(-1) });
    }
}

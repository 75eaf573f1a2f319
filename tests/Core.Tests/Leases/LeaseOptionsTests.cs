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

using Failover.Simulation.Scenarios;

namespace Failover.Simulation.Tests;

public sealed class ShrinkerTests
{
    [Fact]
    public void A_shorter_schedule_still_breaks_the_same_promise()
    {
        var scenario = Scenario.FromSeed(22);
        var outcome = Campaign.Run(scenario, "no-barrier");
        Assert.True(outcome.Violated);

        var shorter = Shrinker.Shrink(scenario, "no-barrier", outcome);

        Assert.True(shorter.Faults.Count < scenario.Faults.Count);
        Assert.Equal(outcome.Rule, Campaign.Run(shorter, "no-barrier").Rule);
    }
}

using Failover.Core;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation.Tests;

/// <summary>A deliberate mistake in each of the rules that promises rest on; the checks must notice it.</summary>
public sealed class MutantTests
{
    private const int SeedsAtMost = 2_000;

    /// <param name="mutant">The mistake.</param>
    /// <param name="from">Where to begin. The first seed that notices comes soon after; a change of the core moves it.</param>
    [Theory]
    [InlineData("no-fencing", 22)]
    [InlineData("ack-before-standby", 1)]
    [InlineData("no-barrier", 12)]
    [InlineData("keep-diverged-tail", 22)]
    [InlineData("forget-promise", 10)]
    [InlineData("vote-without-memory", 170)]
    [InlineData("ignore-grant", 35)]
    [InlineData("stale-read", 33)]
    [InlineData("forget-session", 1)]
    [InlineData("forget-eviction", 1)]
    [InlineData("serve-before-catch-up", 1)]
    [InlineData("shrink-before-commit", 1)]
    [InlineData("naive-voters", 62)]
    [InlineData("outdated-electorate", 6)]
    [InlineData("settle-early", 62)]
    [InlineData("answers-only", 85)]
    public void Is_noticed(string mutant, ulong from)
    {
        var noticed = Enumerable
            .Range(0, SeedsAtMost)
            .Select(i => Campaign.Run(Scenario.FromSeed(from + (ulong)i), mutant))
            .Any(o => o.Violated);

        Assert.True(noticed, $"{mutant} went unnoticed for {SeedsAtMost} seeds from {from}");
    }

    [Fact]
    public void Every_mutant_is_among_them() =>
        Assert.Equal(
            Mutant.All.Order(),
            typeof(MutantTests)
                .GetMethod(nameof(Is_noticed))!
                .GetCustomAttributes(typeof(InlineDataAttribute), false)
                .Cast<InlineDataAttribute>()
                .Select(a => (string)a.GetData(null!).Single()[0])
                .Order()
        );

    [Fact]
    public void Every_mutant_is_in_the_table() =>
        Assert.Equal(Mutant.All.Order(), MutantTable.Mistakes.Select(m => m.Name).Order());
}

using Failover.Simulation.Scenarios;

namespace Failover.Simulation.Tests;

/// <summary>A few seconds of what <c>tests/Simulation</c> does for as long as one lets it.</summary>
public sealed class SeedTests
{
    [Theory]
    [InlineData(1, 250)]
    [InlineData(1_000_000, 250)]
    public void No_promise_is_broken(ulong from, int seeds) =>
        Assert.Equal(0, new Campaign(mutant: null).Run(from, seeds));

    [Theory]
    [InlineData(4)]
    [InlineData(96)]
    [InlineData(573)]
    public void A_seed_goes_the_same_way_every_time(ulong seed)
    {
        var first = Campaign.Run(Scenario.FromSeed(seed), mutant: null);
        var second = Campaign.Run(Scenario.FromSeed(seed), mutant: null);

        Assert.Equal(first, second);
        Assert.True(first.Steps > 1_000);
    }

    [Fact]
    public void Clients_get_their_writes_acknowledged_while_things_go_wrong() =>
        Assert.True(Campaign.Run(Scenario.FromSeed(96), mutant: null).Acknowledged > 20);

    /// <summary>Seeds that once broke a promise; each found a fault that is mended now.</summary>
    [Theory]
    [InlineData(79)] // A firewall made a primary look dead to its voters, which then kept their grants shorter than it relied on them.
    [InlineData(96)] // A snapshot for the data a node had lost took acknowledged entries from the data it has.
    [InlineData(196)] // A write admitted with enough in sync was acknowledged with fewer after the set had shrunk.
    [InlineData(347)] // Refused failovers were proposed again at once and kept everybody else from the register.
    [InlineData(4205)] // Two of four voters took a successor's view, the other two kept granting the old primary its lease.
    [InlineData(4595)] // A replica whose node had come back with other data had a deadline that nothing could meet.
    [InlineData(513536)] // Each copy of an acknowledgement started one more conversation that sent the same entries.
    public void What_was_found_stays_mended(ulong seed) =>
        Assert.Null(Campaign.Run(Scenario.FromSeed(seed), mutant: null).What);
}

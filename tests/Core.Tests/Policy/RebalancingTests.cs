using System.Collections.Immutable;
using Failover.Core.Policy;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Policy;

/// <summary>Primaries spread evenly, by as few switchovers as that takes.</summary>
public sealed class RebalancingTests
{
    private static readonly ReplicaId[] All = [ReplicaA, ReplicaB, ReplicaC];

    [Fact]
    public void After_a_failover_one_of_the_two_primaries_goes_back()
    {
        var state = State(1, ViewOf(2, ReplicaA, ReplicaB), ViewOf(3, ReplicaA, ReplicaB));

        Assert.Equal<PrimaryMove>([new PrimaryMove(new(0), new(2), A, B)], Plan(state).Moves);
    }

    [Fact]
    public void An_even_spread_is_left_alone()
    {
        var plan = Plan(
            State(1, ViewOf(1, ReplicaA, ReplicaB), ViewOf(1, ReplicaB, ReplicaA), ViewOf(1, ReplicaA, ReplicaB))
        );

        Assert.Equal<PrimaryMove>([], plan.Moves);
        Assert.Equal("a leads 2, b leads 1", plan.Spread);
    }

    [Fact]
    public void No_primary_moves_to_a_node_that_is_not_in_sync_is_down_or_is_in_maintenance()
    {
        var state = State(1, ViewOf(1, ReplicaA, ReplicaB), ViewOf(1, ReplicaA, ReplicaB), ViewOf(1, ReplicaA));

        Assert.Equal<PrimaryMove>([], Rebalancing.Plan(state, n => n != B).Moves);
        Assert.Equal<PrimaryMove>([], Plan(state with { Maintenance = [B] }).Moves);
        Assert.All(Plan(state).Moves, m => Assert.NotEqual(new PartitionId(2), m.Partition));
    }

    [Fact]
    public void A_node_in_maintenance_is_emptied()
    {
        var state = State(1, ViewOf(1, ReplicaA, ReplicaB), ViewOf(1, ReplicaB, ReplicaA)) with { Maintenance = [A] };

        Assert.Equal<PrimaryMove>([new PrimaryMove(new(0), new(1), A, B)], Plan(state).Moves);
    }

    [Fact]
    public void A_partition_whose_primary_is_down_waits_for_its_failover()
    {
        var state = State(1, ViewOf(1, ReplicaC, ReplicaA, ReplicaB), ViewOf(1, ReplicaC, ReplicaA, ReplicaB));

        Assert.Equal<PrimaryMove>([], Rebalancing.Plan(state, n => n != C).Moves);
    }

    [Fact]
    public void Where_no_primary_can_go_straight_to_the_idle_node_another_makes_room()
    {
        // a leads two that only b could take, and only b's can go to c.
        var state = State(
            1,
            ViewOf(1, ReplicaA, ReplicaB),
            ViewOf(1, ReplicaA, ReplicaB),
            ViewOf(1, ReplicaB, ReplicaC)
        );

        Assert.Equal<PrimaryMove>(
            [new PrimaryMove(new(0), new(1), A, B), new PrimaryMove(new(2), new(1), B, C)],
            Plan(state).Moves
        );
    }

    /// <summary>Against every possible assignment: none is more even, and none as even takes fewer moves.</summary>
    [Fact]
    public void No_plan_is_more_even_or_shorter()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var state = Any(new Random(seed));

            var moves = Plan(state).Moves;

            var planned = state.Views.ToDictionary(v => v.Key, v => v.Value.Primary.Node);
            foreach (var move in moves)
                planned[move.Partition] = move.To;
            var best = Assignments(state).Min(a => Cost(state, a));
            Assert.True(Cost(state, [.. planned.OrderBy(p => p.Key).Select(p => p.Value)]) == best, $"seed {seed}");
        }
    }

    private static RebalancePlan Plan(FormationState state) => Rebalancing.Plan(state, _ => true);

    private static FormationState Any(Random random)
    {
        var views = Enumerable
            .Range(0, random.Next(1, 7))
            .Select(_ =>
            {
                var inSync = All.Where(_ => random.Next(3) > 0).ToArray();
                var primary = inSync.Length == 0 ? All[random.Next(3)] : inSync[random.Next(inSync.Length)];
                return ViewOf(1, primary, [.. inSync.Where(r => r != primary)]);
            });
        return State(1, [.. views]) with { Maintenance = random.Next(3) == 0 ? [A] : [] };
    }

    private static IEnumerable<ImmutableArray<NodeId>> Assignments(FormationState state)
    {
        IEnumerable<ImmutableArray<NodeId>> all =
        [
            [],
        ];
        foreach (var view in state.Views.Values)
        {
            var allowed = view.InSync.Where(r => r == view.Primary || !state.Maintenance.Contains(r.Node)).ToArray();
            all = [.. all.SelectMany(a => allowed.Select(r => a.Add(r.Node)))];
        }

        return all;
    }

    /// <summary>First what still leads in maintenance, then how uneven it is, then how many moves it takes.</summary>
    private static (int, int, int) Cost(FormationState state, ImmutableArray<NodeId> leads) =>
        (
            leads.Count(state.Maintenance.Contains),
            leads.Where(n => !state.Maintenance.Contains(n)).GroupBy(n => n).Sum(g => g.Count() * g.Count()),
            leads.Zip(state.Views.Values, (n, v) => n == v.Primary.Node ? 0 : 1).Sum()
        );
}

using System.Collections.Immutable;
using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>One switchover of a plan.</summary>
/// <param name="Epoch">The epoch that the partition must still be in: a view that has moved on makes the plan void.</param>
public sealed record PrimaryMove(PartitionId Partition, Epoch Epoch, NodeId From, NodeId To);

/// <param name="Moves">Empty when nothing can become more even.</param>
/// <param name="Spread">How many primaries each node leads before the moves, in words.</param>
public sealed record RebalancePlan(ImmutableArray<PrimaryMove> Moves, string Spread);

/// <summary>Plans the fewest switchovers after which the primaries are spread as evenly as the in-sync sets allow.</summary>
/// <remarks>
/// A partition moves to a replica that is in sync, up and not in maintenance; no primary stays on a node in maintenance
/// if another can lead. The spread is even when no chain of moves takes a primary from one node to another that leads at
/// least two fewer. Each step follows the cheapest such chain, where taking back an earlier move costs less than
/// nothing: the negative-cycle method for flows of convex cost, so neither the spread nor the number of moves can be improved.
/// </remarks>
public static class Rebalancing
{
    /// <param name="isUp">Whether a node was heard just now. A partition whose primary is not needs a failover, and is left alone.</param>
    public static RebalancePlan Plan(FormationState state, Func<NodeId, bool> isUp)
    {
        var board = new Board(state, isUp);
        var spread = board.Spread;
        while (board.FindChain() is { } chain)
            board.Follow(chain);
        return new RebalancePlan(board.Moves, spread);
    }

    /// <summary>Who would lead what.</summary>
    private sealed class Board
    {
        private readonly FormationState _state;
        private readonly ImmutableSortedSet<NodeId> _nodes;
        private readonly SortedDictionary<PartitionId, NodeId> _leads = [];

        public Board(FormationState state, Func<NodeId, bool> isUp)
        {
            _state = state;
            _nodes =
            [
                .. state
                    .Views.Values.SelectMany(v => v.InSync)
                    .Select(r => r.Node)
                    .Where(n => isUp(n) && !state.Maintenance.Contains(n)),
            ];
            foreach (var (partition, view) in state.Views.Where(v => isUp(v.Value.Primary.Node)))
                _leads.Add(partition, view.Primary.Node);
        }

        public ImmutableArray<PrimaryMove> Moves =>
            [
                .. from lead in _leads
                let view = _state.Views[lead.Key]
                where lead.Value != view.Primary.Node
                select new PrimaryMove(lead.Key, view.Epoch, view.Primary.Node, lead.Value),
            ];

        public string Spread =>
            string.Join(", ", _nodes.Union(_leads.Values).Select(n => $"{n} leads {_leads.Values.Count(l => l == n)}"));

        public void Follow(ImmutableArray<(PartitionId Partition, NodeId To)> chain)
        {
            foreach (var (partition, to) in chain)
                _leads[partition] = to;
        }

        /// <summary>The cheapest chain of moves that makes the spread more even, or as even with fewer moves; null if there is none.</summary>
        public ImmutableArray<(PartitionId Partition, NodeId To)>? FindChain()
        {
            var loads = _nodes.Union(_leads.Values).ToDictionary(n => n, n => _leads.Values.Count(l => l == n));
            ImmutableArray<(PartitionId, NodeId)>? best = null;
            var least = int.MaxValue;
            foreach (var from in loads.Keys.Order().Where(n => loads[n] > 0))
            {
                var reached = Reach(from);
                foreach (var to in _nodes.Where(n => n != from && reached.ContainsKey(n)))
                {
                    var gain = _nodes.Contains(from) ? loads[from] - loads[to] : int.MaxValue;
                    var cost = reached[to].Cost;
                    var helps = gain >= 2 || (gain == 1 && cost < 0);
                    if (!helps || cost >= least)
                        continue;
                    (best, least) = (Chain(reached, from, to), cost);
                }
            }

            return best;
        }

        /// <summary>The cheapest way for one primary's burden from a node to every other one (Bellman and Ford's).</summary>
        private Dictionary<NodeId, Step> Reach(NodeId from)
        {
            Dictionary<NodeId, Step> reached = new() { [from] = new Step(0, default, from) };
            var rounds = 0;
            for (var changed = true; changed; rounds++)
            {
                // Only a circle of moves that gains by itself goes on for ever, and the cheapest chains leave none behind.
                Invariant.Holds(rounds <= _nodes.Count + 1);
                changed = false;
                foreach (var (partition, at) in _leads)
                {
                    if (!reached.TryGetValue(at, out var here))
                        continue;
                    foreach (var to in Candidates(partition).Where(n => n != at && n != from))
                    {
                        var cost = here.Cost + MovesOf(partition, to) - MovesOf(partition, at);
                        if (reached.TryGetValue(to, out var known) && known.Cost <= cost)
                            continue;
                        reached[to] = new Step(cost, partition, at);
                        changed = true;
                    }
                }
            }

            return reached;
        }

        private IEnumerable<NodeId> Candidates(PartitionId partition) =>
            _state.Views[partition].InSync.Select(r => r.Node).Where(_nodes.Contains);

        private int MovesOf(PartitionId partition, NodeId leader) =>
            leader == _state.Views[partition].Primary.Node ? 0 : 1;

        private static ImmutableArray<(PartitionId, NodeId)> Chain(
            Dictionary<NodeId, Step> reached,
            NodeId from,
            NodeId to
        )
        {
            var chain = ImmutableArray.CreateBuilder<(PartitionId, NodeId)>();
            for (var at = to; at != from; at = reached[at].From)
                chain.Add((reached[at].Partition, at));
            return chain.ToImmutable();
        }

        /// <param name="Cost">By how many switchovers the way here lengthens the plan.</param>
        private readonly record struct Step(int Cost, PartitionId Partition, NodeId From);
    }
}

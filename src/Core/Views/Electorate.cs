using System.Collections.Immutable;

namespace Failover.Core.Views;

/// <summary>Whose majority decides. While the list of voters changes, majorities of both lists are needed (ADR 11).</summary>
/// <param name="Voters">The list that counts, or shall count alone when the change is over.</param>
/// <param name="Former">The list before the change that is under way; empty when there is none.</param>
public readonly record struct Electorate(ImmutableArray<NodeId> Voters, ImmutableArray<NodeId> Former)
{
    public static implicit operator Electorate(ImmutableArray<NodeId> voters) => new(voters, []);

    /// <summary>Everybody whose vote may be needed, the voters first.</summary>
    public IEnumerable<NodeId> All => Former.IsEmpty ? Voters : Voters.Union(Former);

    /// <summary>The lists of which a majority each is needed.</summary>
    internal ImmutableArray<ImmutableArray<NodeId>> Lists => Former.IsEmpty ? [Voters] : [Voters, Former];

    public bool IsMajority(Func<NodeId, bool> votes) => IsMajority(Voters, votes) && IsMajority(Former, votes);

    private static bool IsMajority(ImmutableArray<NodeId> list, Func<NodeId, bool> votes) =>
        list.IsEmpty || list.Count(votes) >= FormationState.MajorityOf(list.Length);
}

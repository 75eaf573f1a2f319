namespace Failover.Core.Views;

/// <summary>
/// A proposer's turn at the register. Ordered by round first; the proposing process makes it unique, so that a
/// proposer that restarted and forgot its rounds can never repeat one.
/// </summary>
public readonly record struct Ballot(long Round, NodeId Proposer, Incarnation Incarnation) : IComparable<Ballot>
{
    /// <summary>Below every ballot that was ever used.</summary>
    public static readonly Ballot None;

    public int CompareTo(Ballot other)
    {
        var byRound = Round.CompareTo(other.Round);
        if (byRound != 0)
            return byRound;
        var byProposer = Proposer.CompareTo(other.Proposer);
        return byProposer != 0 ? byProposer : Incarnation.CompareTo(other.Incarnation);
    }

    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Round}/{Proposer}";
}

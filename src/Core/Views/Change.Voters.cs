using System.Collections.Immutable;

namespace Failover.Core.Views;

/// <summary>The list of voters changes by one node, in three steps (ADR 11).</summary>
public abstract partial record Change
{
    /// <summary>The first step: from now on majorities of both lists are needed.</summary>
    public abstract record OfVoters(NodeId Node) : Change
    {
        internal ChangeResult Apply(FormationState state, Signature signature)
        {
            var voters = Applied(state.Voters);
            if (voters.Length == state.Voters.Length)
                return new ChangeResult.Unchanged(state);
            if (!state.Former.IsEmpty)
                return new ChangeResult.Refused("another change of the voters is not over yet");
            if (voters.IsEmpty)
                return new ChangeResult.Refused($"{Node} is the only voter");
            return new ChangeResult.Next(
                (
                    state with
                    {
                        Voters = voters,
                        Former = Mutant.NaiveVoters ? [] : state.Voters,
                        VotersSince = state.Version + 1,
                    }
                ).Next(
                    new HistoryEvent(
                        state.Version + 1,
                        signature.At,
                        signature.By,
                        Kind,
                        null,
                        Epoch.None,
                        null,
                        Node,
                        "an operator asked for it",
                        []
                    )
                )
            );
        }

        private protected abstract DecisionKind Kind { get; }

        private protected abstract ImmutableArray<NodeId> Applied(ImmutableArray<NodeId> voters);
    }

    /// <summary>One more node votes.</summary>
    public sealed record AddVoter(NodeId Node) : OfVoters(Node)
    {
        private protected override DecisionKind Kind => DecisionKind.VoterAdded;

        private protected override ImmutableArray<NodeId> Applied(ImmutableArray<NodeId> voters) =>
            voters.Contains(Node) ? voters : [.. voters.Append(Node).Order()];
    }

    /// <summary>A node votes no more. It keeps its data and its other roles.</summary>
    public sealed record RemoveVoter(NodeId Node) : OfVoters(Node)
    {
        private protected override DecisionKind Kind => DecisionKind.VoterRemoved;

        private protected override ImmutableArray<NodeId> Applied(ImmutableArray<NodeId> voters) => voters.Remove(Node);
    }

    /// <summary>
    /// The next step of the change that is under way: first no lease binds any more that counts the former list alone,
    /// then the former list counts no more.
    /// </summary>
    public sealed record SettleVoters : Change
    {
        internal static ChangeResult Apply(FormationState state) =>
            state switch
            {
                { Former.IsEmpty: true } => new ChangeResult.Unchanged(state),
                _ when state.LeasesNeed < state.VotersSince && !Mutant.SettleEarly => new ChangeResult.Next(
                    state with
                    {
                        Version = state.Version + 1,
                        LeasesNeed = state.VotersSince,
                    }
                ),
                _ => new ChangeResult.Next(state with { Version = state.Version + 1, Former = [] }),
            };
    }
}

using Failover.Core;
using Failover.Core.Views;

namespace Failover.Simulation.Checks;

/// <summary>Sees every state at the moment a majority has accepted it, before anybody in the formation knows.</summary>
internal sealed class RegisterLedger(World world)
{
    private readonly Dictionary<Ballot, HashSet<NodeId>> _acceptedBy = [];
    private readonly Dictionary<long, FormationState> _chosen = [];

    private Ballot _newestBallot;

    /// <summary>The newest state that a majority has accepted.</summary>
    public FormationState? Newest { get; private set; }

    public void Persisted(NodeId voter, AcceptorState state)
    {
        if (state.AcceptedAt == Ballot.None || state.AcceptedAt != state.Promised || state.State is not { } accepted)
            return;
        if (!_acceptedBy.TryGetValue(state.AcceptedAt, out var voters))
            _acceptedBy.Add(state.AcceptedAt, voters = []);
        var isChosen = accepted.Electorate.IsMajority(voters.Contains);
        if (!voters.Add(voter) || isChosen || !accepted.Electorate.IsMajority(voters.Contains))
            return;
        if (state.AcceptedAt < _newestBallot)
        {
            ChosenLate(accepted);
            return;
        }

        _newestBallot = state.AcceptedAt;
        Chosen(accepted);
    }

    /// <summary>A straggler completes an older ballot's majority: a newer one must have built on it already.</summary>
    private void ChosenLate(FormationState state)
    {
        if (
            state.Version > Newest!.Version
            || (_chosen.TryGetValue(state.Version, out var known) && !Same(known, state))
        )
            throw new Violation("register is linear", $"version {state.Version} chosen beside {Newest.Version}");
        _chosen.TryAdd(state.Version, state);
    }

    private void Chosen(FormationState state)
    {
        var newest = Newest;
        if (newest is not null && state.Version <= newest.Version)
        {
            // The same state, confirmed again; anything else rewrites what was decided.
            if (state.Version < newest.Version || !Same(state, newest))
                throw new Violation("register is linear", $"version {state.Version} chosen after {newest.Version}");
            return;
        }

        // A version may be skipped: it was accepted by a minority, and another proposer built on it without choosing it.
        if (newest is not null && newest.Formation != state.Formation)
            throw new Violation("register is linear", "another formation was founded");
        _chosen.Add(state.Version, state);
        Newest = state;
        if (world.Logs)
            world.Log(
                $"chosen: {state.Version} by [{string.Join(", ", state.Voters)}] and [{string.Join(", ", state.Former)}] {string.Join("; ", state.Views.Select(v => $"p{v.Key} {v.Value}"))}"
            );
        foreach (var (partition, view) in state.Views)
            world.Ledgers[partition.Value].ViewChosen(view, newest?.ViewOf(partition), state.History);
    }

    /// <summary>A proposer calls a state committed: it must have been chosen.</summary>
    public void Committed(FormationState state)
    {
        if (!_chosen.TryGetValue(state.Version, out var chosen) || !Same(chosen, state))
            throw new Violation("register is linear", $"version {state.Version} called committed but never chosen");
    }

    private static bool Same(FormationState one, FormationState other) =>
        ReferenceEquals(one, other)
        || (
            one.Formation == other.Formation
            && one.Paused == other.Paused
            && one.Views.SequenceEqual(other.Views)
            && one.Maintenance.SequenceEqual(other.Maintenance)
            && one.Voters.SequenceEqual(other.Voters)
            && one.Former.SequenceEqual(other.Former)
            && one.LeasesNeed == other.LeasesNeed
        );
}

namespace Failover.Core.Views;

/// <summary>The second half of a round: the change applied to what was read, and a majority's acceptance of the result.</summary>
public sealed partial class Proposer
{
    private void Apply(FormationState? current, Instant now, ICollection<ProposerEffect> effects)
    {
        switch (_current!.Change.ApplyTo(current, _current.Signature))
        {
            case ChangeResult.Next next when LeaseWait(next.State) is var wait && wait > TimeSpan.Zero:
                // Accepting what a lease forbids would leave it half-accepted. Evidence may shorten the lease any moment.
                _recheck = true;
                _deadline = now + (wait < options.RecheckEvery ? wait : options.RecheckEvery);
                break;
            case ChangeResult.Next next
                when current is not null && (MustConfirmFirst(current, next.State) || !IsRemembered(current)):
                _confirmsFirst = true;
                Accept(current, now, effects);
                break;
            case ChangeResult.Next next when current is not null && !CouldBeAccepted(next.State.Electorate, effects):
                _recheck = true;
                break;
            case ChangeResult.Next next:
                _mayHappen = true;
                Accept(next.State, now, effects);
                break;
            case ChangeResult.Unchanged unchanged:
                // The state that was read may not be committed yet; accepting it again makes it so.
                Accept(unchanged.State, now, effects);
                break;
            case ChangeResult.Refused refused:
                // A refusal must not rest on a state that never gets committed, either.
                _refusal = refused.Reason;
                Accept(current, now, effects);
                break;
        }
    }

    /// <summary>
    /// Other voters may only follow a state that is committed, by an earlier ballot of this proposer's own: two lists
    /// that each differ from a third by one node need not have majorities that meet.
    /// </summary>
    private bool MustConfirmFirst(FormationState current, FormationState next) =>
        current.Version != _confirmed
        && !Mutant.NaiveVoters
        && (current.VotersSince, current.LeasesNeed, current.Former.IsEmpty)
            != (next.VotersSince, next.LeasesNeed, next.Former.IsEmpty);

    /// <summary>
    /// Whether majorities of the lists that shall count have answered this round; asks those who were not asked yet.
    /// A state that is accepted by the old voters, and cannot be by the new ones, could be neither completed nor undone:
    /// adding a node that does not exist, while another voter is down, would stop the register for good.
    /// </summary>
    private bool CouldBeAccepted(Electorate electorate, ICollection<ProposerEffect> effects)
    {
        foreach (var voter in electorate.All)
        {
            if (_asked.Add(voter))
                effects.Add(new ProposerEffect.Ask(voter, new RegisterMessage.Prepare(_ballot)));
        }

        _silent = electorate.IsMajority(Remembers) ? [] : [.. electorate.All.Where(v => !Remembers(v))];
        return _silent.IsEmpty;
    }

    /// <summary>A first state that most voters have no memory of yet can be accepted by them, and nothing later.</summary>
    private bool IsRemembered(FormationState state) => ElectorateOf(state).IsMajority(Remembers);

    /// <summary>Whether the voter has promised, and may accept what it is asked to.</summary>
    private bool Remembers(NodeId voter) => _promises.TryGetValue(voter, out var promise) && !promise.Forgetful;

    private void Accept(FormationState? state, Instant now, ICollection<ProposerEffect> effects)
    {
        _phase = Phase.Accepting;
        _recheck = false;
        _proposed = state;
        _accepted.Clear();
        _leased.Clear();
        _deadline = now + options.RoundTimeout;
        foreach (var voter in ElectorateOf(state).All)
        {
            _asked.Add(voter);
            effects.Add(new ProposerEffect.Ask(voter, new RegisterMessage.Accept(_ballot, state)));
        }
    }

    /// <summary>Waits exactly until enough of the refusing voters may accept, rather than a whole round.</summary>
    private void RearmForLeases(Instant now)
    {
        var until = now;
        foreach (var list in ElectorateOf(_proposed).Lists)
        {
            var missing = FormationState.MajorityOf(list.Length) - list.Count(_accepted.Contains);
            Instant[] leased = [.. list.Where(_leased.ContainsKey).Select(v => _leased[v]).Order()];
            if (leased.Length < missing)
                return;
            if (missing > 0 && leased[missing - 1] > until)
                until = leased[missing - 1];
        }

        _deadline = until;
    }

    private void ApplyToBlockedBase(Instant now, ICollection<ProposerEffect> effects)
    {
        TryChooseBase(out var current);
        Apply(current, now, effects);
    }

    private void AskLeasedAgain(Instant now, ICollection<ProposerEffect> effects)
    {
        _deadline = now + options.RoundTimeout;
        foreach (var voter in ElectorateOf(_proposed).All)
        {
            if (_accepted.Contains(voter) || (_leased.TryGetValue(voter, out var until) && until > now))
                continue;
            _leased.Remove(voter);
            effects.Add(new ProposerEffect.Ask(voter, new RegisterMessage.Accept(_ballot, _proposed)));
        }
    }
}

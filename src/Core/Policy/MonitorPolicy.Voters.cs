using Failover.Core.Views;

namespace Failover.Core.Policy;

/// <summary>A change of the voters whose operator was lost on the way is brought to its end.</summary>
public sealed partial class MonitorPolicy
{
    /// <summary>The step of the change that the formation stands at, and since when this instance has seen it there.</summary>
    private (long VotersSince, long LeasesNeed, Instant At)? _half;
    private bool _settling;

    /// <summary>
    /// While both lists count, losing a majority of either stops the register. Whoever began the change normally ends it
    /// within milliseconds; only if he does not is it done here. That both may do it is no harm: each step is taken once.
    /// </summary>
    private void SettleVoters(FormationState state, Instant now, ICollection<PolicyEffect> effects)
    {
        if (state.Former.IsEmpty)
        {
            _half = null;
            return;
        }

        if (_half is not { } half || (half.VotersSince, half.LeasesNeed) != (state.VotersSince, state.LeasesNeed))
            _half = half = (state.VotersSince, state.LeasesNeed, now);
        if (_settling)
            return;
        var due = half.At + options.SettleVotersAfter;
        if (now < due)
        {
            LookAgainAt(due);
            return;
        }

        if (!MayDecide(now))
            return;
        _settling = true;
        effects.Add(new PolicyEffect.Propose(new Change.SettleVoters()));
    }

    private void OnSettlingEnded(PolicyInput.ProposalEnded ended, Instant now)
    {
        if (ended.Change is not Change.SettleVoters)
            return;
        _settling = false;
        // Whatever stood in the way is given the same time again.
        if (ended.Outcome is not ProposalOutcome.Done && _half is { } half)
            _half = half with { At = now };
    }
}

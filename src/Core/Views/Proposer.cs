using System.Collections.Immutable;
using System.Diagnostics;

namespace Failover.Core.Views;

/// <summary>
/// Changes the view register: one proposal after the other, each a CASPaxos round that reads the newest state from
/// a majority, applies the change to it and has a majority accept the result.
/// </summary>
/// <remarks>Pure; exactly one owner drives it and carries the effects out in their order.</remarks>
public sealed partial class Proposer(ProposerOptions options)
{
    private readonly Queue<ProposerInput.Propose> _waiting = new();
    private readonly Dictionary<NodeId, RegisterMessage.Promise> _promises = [];
    private readonly HashSet<NodeId> _accepted = [];
    private readonly Dictionary<NodeId, Instant> _leased = [];
    private readonly HashSet<NodeId> _asked = [];
    private Electorate _electorate = options.Electorate;
    private FormationId? _formation = options.Formation;

    /// <summary>The newest version that a round of this proposer's own has committed.</summary>
    private long _confirmed;

    /// <summary>What is being accepted is the state that the change shall build on, not yet the change.</summary>
    private bool _confirmsFirst;
    private long _version;
    private long _round;
    private Phase _phase = Phase.Idle;
    private ProposerInput.Propose? _current;
    private Instant _givesUpAt;
    private Instant? _deadline;
    private Ballot _ballot;
    private FormationState? _proposed;
    private string? _refusal;

    /// <summary>The promises in hand forbid the change for now, because of a lease: they are asked for again.</summary>
    private bool _recheck;

    /// <summary>A voter has said during this proposal how high the ballots are.</summary>
    private bool _knowsRound;
    private int _lostRounds;

    /// <summary>Who does not answer, and would be needed for what is proposed.</summary>
    private ImmutableArray<NodeId> _silent = [];

    /// <summary>Somebody was asked to accept what is proposed, in this round or an earlier one: it may happen.</summary>
    private bool _mayHappen;

    private enum Phase
    {
        Idle,
        Preparing,
        Accepting,
        BackingOff,
    }

    /// <summary>When <see cref="Step"/> must next be called; null while nothing is proposed.</summary>
    public Instant? NextDeadline => _deadline;

    public void Step(ProposerInput input, Instant now, ICollection<ProposerEffect> effects)
    {
        switch (input)
        {
            case ProposerInput.Propose propose:
                _waiting.Enqueue(propose);
                break;
            case ProposerInput.Withdraw withdraw:
                OnWithdraw(withdraw.Id, effects);
                break;
            case ProposerInput.Answered answered:
                OnAnswered(answered.From, answered.Message, now, effects);
                break;
            case ProposerInput.Learned learned:
                OnLearned(learned.State);
                break;
            case ProposerInput.DeadlineReached:
                OnDeadline(now, effects);
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        if (_phase == Phase.Idle && _waiting.TryDequeue(out var next))
            Begin(next, now, effects);
        Invariant.Holds((_phase == Phase.Idle) == (_deadline is null));
    }

    private void OnWithdraw(ProposalId id, ICollection<ProposerEffect> effects)
    {
        if (_current?.Id == id)
        {
            // Once acceptors were asked to accept it, it may happen without this proposer's help.
            End(
                _phase == Phase.Accepting
                    ? new ProposalOutcome.Unknown("withdrawn")
                    : new ProposalOutcome.Refused("withdrawn"),
                effects
            );
            return;
        }

        var kept = _waiting.Where(p => p.Id != id).ToArray();
        if (kept.Length == _waiting.Count)
            return;
        _waiting.Clear();
        foreach (var propose in kept)
            _waiting.Enqueue(propose);
        effects.Add(new ProposerEffect.Finished(id, new ProposalOutcome.Refused("withdrawn")));
    }

    private void OnLearned(FormationState state)
    {
        if (state.Version <= _version)
            return;
        _version = state.Version;
        _formation ??= state.Formation;
        _electorate = state.Electorate;
    }

    private void Begin(ProposerInput.Propose propose, Instant now, ICollection<ProposerEffect> effects)
    {
        _current = propose;
        _givesUpAt = now + propose.Patience;
        _lostRounds = 0;
        _knowsRound = false;
        _mayHappen = false;
        Prepare(now, effects);
    }

    private void OnAnswered(NodeId from, RegisterMessage message, Instant now, ICollection<ProposerEffect> effects)
    {
        if (!_asked.Contains(from))
            return;
        switch (message)
        {
            case RegisterMessage.Promise promise when _phase == Phase.Preparing && promise.Ballot == _ballot:
                OnPromise(from, promise, now, effects);
                break;
            case RegisterMessage.Accepted accepted when _phase == Phase.Accepting && accepted.Ballot == _ballot:
                _leased.Remove(from);
                if (_accepted.Add(from) && ElectorateOf(_proposed).IsMajority(_accepted.Contains))
                    Finish(now, effects);
                break;
            case RegisterMessage.Leased leased when _phase == Phase.Accepting && leased.Ballot == _ballot:
                _leased[from] = now + leased.RetryAfter;
                RearmForLeases(now);
                break;
            case RegisterMessage.Conflict conflict when _phase != Phase.Idle && conflict.Ballot == _ballot:
                OnConflict(conflict, now, effects);
                break;
        }
    }

    /// <summary>
    /// Who has not proposed for a while begins too low: that says nothing about others who propose now, and the answer
    /// says where to begin. Only who loses after that is in somebody's way.
    /// </summary>
    private void OnConflict(RegisterMessage.Conflict conflict, Instant now, ICollection<ProposerEffect> effects)
    {
        _round = Math.Max(_round, conflict.Promised.Round);
        if (_phase == Phase.Preparing && !_knowsRound)
        {
            _knowsRound = true;
            Prepare(now, effects);
        }
        else if (_phase != Phase.BackingOff)
        {
            BackOff(now);
        }
    }

    /// <summary>Two proposers that keep overtaking each other are told apart by their places among the voters.</summary>
    private void BackOff(Instant now)
    {
        _phase = Phase.BackingOff;
        _recheck = false;
        _lostRounds++;
        var place = 1 + Math.Max(0, _electorate.Voters.IndexOf(options.Self));
        _deadline = now + (options.BackOff * (place * Math.Min(_lostRounds, 8)));
    }

    private void OnDeadline(Instant now, ICollection<ProposerEffect> effects)
    {
        if (_deadline is not { } deadline || now < deadline)
            return;
        if (now >= _givesUpAt)
        {
            // Nobody was asked to accept it, so it cannot happen any more.
            End(
                !_mayHappen && !_silent.IsEmpty
                    ? new ProposalOutcome.Refused(
                        $"there would be no majority of the voters: [{string.Join(", ", _silent)}] do not answer"
                    )
                    : new ProposalOutcome.Unknown(WhyNoMajority()),
                effects
            );
            return;
        }

        if (_phase == Phase.Accepting && _leased.Count > 0)
            AskLeasedAgain(now, effects);
        else if (_recheck)
            AskForPromises(now, effects);
        else if (_phase == Phase.Preparing && HasBase)
            ApplyToBlockedBase(now, effects);
        else
            Prepare(now, effects);
    }

    private string WhyNoMajority() =>
        _leased.Count > 0 || (_phase == Phase.Preparing && HasBase)
            ? "the primary still holds its lease"
            : $"no majority of the voters [{string.Join(", ", _electorate.All)}] answers";

    private void Finish(Instant now, ICollection<ProposerEffect> effects)
    {
        if (_proposed is not null)
        {
            OnLearned(_proposed);
            _confirmed = _proposed.Version;
        }

        effects.Add(new ProposerEffect.Committed(_proposed));
        if (_confirmsFirst)
        {
            Prepare(now, effects);
            return;
        }

        End(_refusal is null ? new ProposalOutcome.Done(_proposed) : new ProposalOutcome.Refused(_refusal), effects);
    }

    private void End(ProposalOutcome outcome, ICollection<ProposerEffect> effects)
    {
        var finished = _current!.Id;
        _current = null;
        _proposed = null;
        _recheck = false;
        _confirmsFirst = false;
        _silent = [];
        _phase = Phase.Idle;
        _deadline = null;
        effects.Add(new ProposerEffect.Finished(finished, outcome));
    }
}

using System.Diagnostics;

namespace Failover.Core.Views;

/// <summary>Names one proposal among those of one proposer.</summary>
public readonly record struct ProposalId(long Value);

public abstract record ProposerInput
{
    private ProposerInput() { }

    /// <summary>Somebody on this node wants the formation state changed, or read.</summary>
    /// <param name="Signature">Who decided it, and when.</param>
    /// <param name="Patience">After how long to give up without a majority.</param>
    public sealed record Propose(ProposalId Id, Change Change, Signature Signature, TimeSpan Patience) : ProposerInput;

    /// <summary>The reason for a proposal is gone.</summary>
    public sealed record Withdraw(ProposalId Id) : ProposerInput;

    public sealed record Answered(NodeId From, RegisterMessage Message) : ProposerInput;

    /// <summary>A committed state was heard of: its voters are the ones to ask.</summary>
    public sealed record Learned(FormationState State) : ProposerInput;

    public sealed record DeadlineReached : ProposerInput;
}

public abstract record ProposerEffect
{
    private ProposerEffect() { }

    public sealed record Ask(NodeId Voter, RegisterMessage Message) : ProposerEffect;

    /// <summary>The state is committed: everybody may know it. Null: a majority confirms that no formation exists.</summary>
    public sealed record Committed(FormationState? State) : ProposerEffect;

    public sealed record Finished(ProposalId Id, ProposalOutcome Outcome) : ProposerEffect;
}

public abstract record ProposalOutcome
{
    private ProposalOutcome() { }

    /// <summary>The state, with the change in it, is committed.</summary>
    public sealed record Done(FormationState? State) : ProposalOutcome;

    /// <summary>The change does not fit the state: nothing was changed.</summary>
    public sealed record Refused(string Reason) : ProposalOutcome;

    /// <summary>No majority within the patience. The change may or may not happen yet.</summary>
    public sealed record Unknown(string Reason) : ProposalOutcome;
}

public sealed record ProposerOptions
{
    public required NodeId Self { get; init; }

    /// <summary>This process's run: it makes the ballots unique.</summary>
    public required Incarnation Incarnation { get; init; }

    /// <summary>Whom to ask until a committed state says otherwise.</summary>
    public required Electorate Electorate { get; init; }

    /// <summary>How long to wait for a majority before the round is tried again with a higher ballot.</summary>
    /// <value>Default 100 ms.</value>
    public TimeSpan RoundTimeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to ask again while a lease stands in the way: a voter may get proof meanwhile that its holder is gone.</summary>
    /// <value>Default 10 ms.</value>
    public TimeSpan RecheckEvery { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The shortest pause after another proposer won; grows with each lost round, differently on each node.</summary>
    /// <value>Default 4 ms.</value>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMilliseconds(4);
}

/// <summary>
/// Changes the view register: one proposal after the other, each a CASPaxos round that reads the newest state from
/// a majority, applies the change to it and has a majority accept the result.
/// </summary>
/// <remarks>Pure; exactly one owner drives it and carries the effects out in their order.</remarks>
public sealed class Proposer(ProposerOptions options)
{
    private readonly Queue<ProposerInput.Propose> _waiting = new();
    private readonly Dictionary<NodeId, RegisterMessage.Promise> _promises = [];
    private readonly HashSet<NodeId> _accepted = [];
    private readonly Dictionary<NodeId, Instant> _leased = [];
    private readonly HashSet<NodeId> _asked = [];
    private Electorate _electorate = options.Electorate;

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
    private int _lostRounds;

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
        _electorate = state.Electorate;
    }

    private void Begin(ProposerInput.Propose propose, Instant now, ICollection<ProposerEffect> effects)
    {
        _current = propose;
        _givesUpAt = now + propose.Patience;
        _lostRounds = 0;
        Prepare(now, effects);
    }

    private void Prepare(Instant now, ICollection<ProposerEffect> effects)
    {
        _phase = Phase.Preparing;
        _confirmsFirst = false;
        _asked.Clear();
        _round++;
        _ballot = new Ballot(_round, options.Self, options.Incarnation);
        AskForPromises(now, effects);
    }

    private void AskForPromises(Instant now, ICollection<ProposerEffect> effects)
    {
        _promises.Clear();
        _refusal = null;
        _recheck = false;
        _deadline = now + options.RoundTimeout;
        _asked.UnionWith(_electorate.All);
        foreach (var voter in _asked.Order())
            effects.Add(new ProposerEffect.Ask(voter, new RegisterMessage.Prepare(_ballot)));
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
                OnConflict(conflict, now);
                break;
        }
    }

    private Electorate ElectorateOf(FormationState? state) => state?.Electorate ?? _electorate;

    private void OnPromise(
        NodeId from,
        RegisterMessage.Promise promise,
        Instant now,
        ICollection<ProposerEffect> effects
    )
    {
        _promises[from] = promise;
        AskNewcomers(promise, effects);
        // While a lease is waited for, each further voter may be the one that lets a majority go ahead.
        if (!HasBase)
            return;
        if (!TryChooseBase(out var current))
        {
            if (_promises.Count < _asked.Count)
            {
                // The missing voters' answers may allow another base; they are not waited for longer than this.
                _deadline = Instant.Earliest(_deadline, now + options.RecheckEvery);
                return;
            }
        }

        Apply(current, now, effects);
    }

    /// <summary>The state that was read has other voters than this proposer knew: a majority of them must be read, too.</summary>
    private void AskNewcomers(RegisterMessage.Promise promise, ICollection<ProposerEffect> effects)
    {
        foreach (var voter in ElectorateOf(promise.State).All)
        {
            if (_asked.Add(voter))
                effects.Add(new ProposerEffect.Ask(voter, new RegisterMessage.Prepare(_ballot)));
        }
    }

    private IEnumerable<KeyValuePair<NodeId, RegisterMessage.Promise>> NewestFirst =>
        _promises.OrderByDescending(p => p.Value.AcceptedAt);

    /// <summary>
    /// Some state is the newest among answers from a majority of its own voters. No other way to read is safe once the
    /// voters have changed: a majority of an outdated list may know nothing of what was decided since.
    /// </summary>
    private bool HasBase => Bases().Any();

    private IEnumerable<FormationState?> Bases()
    {
        var newestFirst = NewestFirst.ToArray();
        for (var skip = 0; skip < newestFirst.Length; skip++)
        {
            var state = newestFirst[skip].Value.State;
            // Somebody has accepted a state: who asks as if there were none may be asking voters of long ago.
            if (state is null && skip > 0)
                yield break;
            var answered = newestFirst.Skip(skip).Select(p => p.Key).ToHashSet();
            if (ElectorateOf(state).IsMajority(answered.Contains))
                yield return state;
        }
    }

    /// <summary>
    /// The newest state among a majority's answers. A state that one acceptor took but that would depose a primary whose
    /// lease the others still guard cannot be chosen now: when a majority without that acceptor has answered, its
    /// newest state is as good a base, and a false alarm that got half-way does no harm later.
    /// </summary>
    /// <returns>False if the base is blocked by a lease.</returns>
    private bool TryChooseBase(out FormationState? state)
    {
        foreach (var candidate in Bases())
        {
            state = candidate;
            if (state is null || LeaseWait(state) == TimeSpan.Zero)
                return true;
        }

        state = Bases().First();
        return false;
    }

    /// <summary>How long until a majority of those who answered may accept the state.</summary>
    private TimeSpan LeaseWait(FormationState state) =>
        state
            .Electorate.Lists.Select(list =>
                _promises
                    .Where(p => list.Contains(p.Key))
                    .Select(p => LeaseWait(state, p.Value))
                    .Order()
                    .Take(FormationState.MajorityOf(list.Length))
                    .LastOrDefault()
            )
            .Max();

    private static TimeSpan LeaseWait(FormationState state, RegisterMessage.Promise promise) =>
        promise
            .Leases.Where(l => state.ViewOf(l.Partition)?.Epoch > l.Epoch)
            .Select(l => l.Remaining)
            .DefaultIfEmpty(TimeSpan.Zero)
            .Max();

    private void Apply(FormationState? current, Instant now, ICollection<ProposerEffect> effects)
    {
        switch (_current!.Change.ApplyTo(current, _current.Signature))
        {
            case ChangeResult.Next next when LeaseWait(next.State) is var wait && wait > TimeSpan.Zero:
                // Accepting what a lease forbids would leave it half-accepted. Evidence may shorten the lease any moment.
                _recheck = true;
                _deadline = now + (wait < options.RecheckEvery ? wait : options.RecheckEvery);
                break;
            case ChangeResult.Next next when current is not null && MustConfirmFirst(current, next.State):
                _confirmsFirst = true;
                Accept(current, now, effects);
                break;
            case ChangeResult.Next next:
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
        && (current.VotersSince, current.LeasesNeed, current.Former.IsEmpty)
            != (next.VotersSince, next.LeasesNeed, next.Former.IsEmpty);

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

    private void OnConflict(RegisterMessage.Conflict conflict, Instant now)
    {
        _round = Math.Max(_round, conflict.Promised.Round);
        BackOff(now);
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
            End(new ProposalOutcome.Unknown(WhyNoMajority()), effects);
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
        _phase = Phase.Idle;
        _deadline = null;
        effects.Add(new ProposerEffect.Finished(finished, outcome));
    }
}

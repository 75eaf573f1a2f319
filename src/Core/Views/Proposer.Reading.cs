namespace Failover.Core.Views;

/// <summary>The first half of a round: promises, and which state among the answers may be built upon.</summary>
public sealed partial class Proposer
{
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

    private Electorate ElectorateOf(FormationState? state) =>
        state is null || Mutant.OutdatedElectorate ? _electorate : state.Electorate;

    private void OnPromise(
        NodeId from,
        RegisterMessage.Promise promise,
        Instant now,
        ICollection<ProposerEffect> effects
    )
    {
        // A voter that remembers another formation says nothing about this one: its ballots may be higher, its state is not
        // newer. Once it accepts a state of this formation its answers count.
        if (promise.State is { } told && _formation is { } mine && told.Formation != mine)
            return;
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
        var found = false;
        foreach (var state in BasesOfMemory())
        {
            found = true;
            yield return state;
        }

        if (!found && FoundingBase(out var founding))
            yield return founding;
    }

    /// <summary>
    /// While a formation is being founded nobody has a memory of it, and a majority without one agrees that there is none.
    /// Once somebody has accepted the first state, the others' emptiness may be a loss: only all of them together prove
    /// that nothing came after it.
    /// </summary>
    private bool FoundingBase(out FormationState? state)
    {
        state = _promises.Values.Select(p => p.State).FirstOrDefault(s => s is not null);
        if (_promises.Values.Any(p => p.State is { Version: > 1 }))
            return false;
        return state is null
            ? _electorate.IsMajority(_promises.ContainsKey)
            : ElectorateOf(state).All.All(_promises.ContainsKey);
    }

    private IEnumerable<FormationState?> BasesOfMemory()
    {
        var newestFirst = NewestFirst.Where(p => !p.Value.Forgetful).ToArray();
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
                    .Where(p => list.Contains(p.Key) && !p.Value.Forgetful)
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
}

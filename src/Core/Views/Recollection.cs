namespace Failover.Core.Views;

/// <summary>
/// How an acceptor that has lost its memory learns what it may have promised and accepted: from so many others that
/// remember that one of them is in every majority it can have been part of (ADR 20).
/// </summary>
/// <remarks>
/// It asks for promises, as a proposer does. Whoever has given one accepts nothing older any more, so no majority that
/// counts on this acceptor's forgotten vote can still come about behind its back: it would need one of them.
/// </remarks>
internal sealed class Recollection(NodeId self, Incarnation incarnation)
{
    /// <summary>
    /// Rounds are used up one by one, each some milliseconds of somebody's life. Asking 2³² rounds above everything it was
    /// told, it is above whatever it promised to a proposer that nobody else has heard of. Proposers count on from there
    /// one by one, so none ever uses a multiple of this itself.
    /// </summary>
    private const int RoundBits = 32;

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<NodeId, RegisterMessage.Promise> _told = [];
    private readonly HashSet<NodeId> _asked = [];
    private Ballot _highest;
    private Ballot _ballot;
    private FormationState? _newest;
    private Ballot _newestAt;

    /// <summary>Whether a promise was refused: only a higher ballot will do.</summary>
    private bool _overtaken;

    public Instant? NextDeadline { get; private set; }

    /// <summary>There is a formation, so there may be something to remember.</summary>
    public void Begin(FormationState known, Ballot promised, Instant now, ICollection<AcceptorEffect> effects)
    {
        if (_newest is not null)
            return;
        (_newest, _highest, _overtaken) = (known, promised, true);
        AskAgain(now, effects);
    }

    public void AskAgain(Instant now, ICollection<AcceptorEffect> effects)
    {
        if (_newest is null)
            return;
        if (_overtaken)
        {
            _ballot = new Ballot(((_highest.Round >> RoundBits) + 2) << RoundBits, self, incarnation);
            _overtaken = false;
            _told.Clear();
        }

        _asked.Clear();
        AskMissing(effects);
        NextDeadline = now + AskAgainAfter;
    }

    /// <returns>What this acceptor goes on with; null while too few have told.</returns>
    public AcceptorState? Heard(NodeId from, RegisterMessage message, ICollection<AcceptorEffect> effects)
    {
        switch (message)
        {
            case RegisterMessage.Conflict conflict when conflict.Ballot == _ballot:
                _highest = conflict.Promised > _highest ? conflict.Promised : _highest;
                _overtaken = true;
                return null;
            case RegisterMessage.Promise { Forgetful: false } promise
                when promise.Ballot == _ballot && _newest is not null:
                if (promise.State is { } state && state.Formation != _newest.Formation)
                    return null;
                return OnPromise(from, promise, effects);
            default:
                return null;
        }
    }

    private AcceptorState? OnPromise(NodeId from, RegisterMessage.Promise promise, ICollection<AcceptorEffect> effects)
    {
        _told[from] = promise;
        if (promise.State is not null && promise.AcceptedAt > _newestAt)
            (_newest, _newestAt) = (promise.State, promise.AcceptedAt);
        AskMissing(effects);
        return _newestAt != Ballot.None && IsEnough ? new AcceptorState(_ballot, _newestAt, _newest) : null;
    }

    private void AskMissing(ICollection<AcceptorEffect> effects)
    {
        foreach (var voter in _newest!.Electorate.All)
        {
            if (voter != self && !_told.ContainsKey(voter) && _asked.Add(voter))
                effects.Add(new AcceptorEffect.Ask(voter, new RegisterMessage.Prepare(_ballot)));
        }
    }

    /// <summary>Too few are left for a majority without one of those who told, whether this acceptor is in it or not.</summary>
    private bool IsEnough =>
        _newest!.Electorate.Lists.All(list =>
            list.Count(v => v != self && _told.ContainsKey(v)) > list.Length - FormationState.MajorityOf(list.Length)
        );
}

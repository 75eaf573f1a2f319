using System.Diagnostics;
using Failover.Core.Leases;

namespace Failover.Core.Views;

/// <summary>What an acceptor must never forget.</summary>
/// <param name="Promised">No ballot below this may be accepted.</param>
/// <param name="AcceptedAt">The ballot of <paramref name="State"/>.</param>
public sealed record AcceptorState(Ballot Promised, Ballot AcceptedAt, FormationState? State)
{
    /// <summary>An empty memory: a new acceptor's, or that of one whose disk was lost. Nobody here can tell them apart.</summary>
    public static AcceptorState Initial { get; } = new(Ballot.None, Ballot.None, null) { Forgetful = true };

    /// <summary>Nothing is known of what was promised and accepted before this memory began.</summary>
    public bool Forgetful { get; init; }
}

public abstract record AcceptorInput
{
    private AcceptorInput() { }

    /// <summary>A proposer asks.</summary>
    public sealed record Asked(NodeId From, RegisterMessage Message) : AcceptorInput;

    /// <summary>A primary's heartbeat asks to renew its lease, or gives it back.</summary>
    /// <param name="Known">The newest version of the formation's state that the primary knows.</param>
    public sealed record Claimed(
        NodeId From,
        Incarnation Incarnation,
        long Known,
        Instant SentAt,
        IReadOnlyList<LeaseClaim> Claims
    ) : AcceptorInput;

    /// <summary>The kernel says that the process is gone.</summary>
    public sealed record ProcessGone(NodeId Node, Incarnation Incarnation) : AcceptorInput;

    /// <summary>A committed state was heard of.</summary>
    public sealed record Learned(FormationState State) : AcceptorInput;

    /// <summary>
    /// Another voter remembers this state. With too few of them for a majority nobody can say what is committed, and those
    /// who remember must be found even so.
    /// </summary>
    public sealed record Remembered(FormationState State) : AcceptorInput;

    /// <summary>Another acceptor answered <see cref="AcceptorEffect.Ask"/>.</summary>
    public sealed record Told(NodeId From, RegisterMessage Message) : AcceptorInput;

    public sealed record DeadlineReached : AcceptorInput
    {
        public static readonly DeadlineReached Instance = new();
    }
}

/// <param name="Released">The lease is given back rather than renewed.</param>
public readonly record struct LeaseClaim(PartitionId Partition, Epoch Epoch, bool Released);

/// <param name="Granted">Whether the lease is granted.</param>
public readonly record struct LeaseAnswer(PartitionId Partition, Epoch Epoch, bool Granted);

public abstract record AcceptorEffect
{
    private AcceptorEffect() { }

    /// <summary>Must be on disk before any later effect is carried out. If that fails the acceptor must fall silent.</summary>
    public sealed record Persist(AcceptorState State) : AcceptorEffect;

    public sealed record Answer(NodeId To, RegisterMessage Message) : AcceptorEffect;

    /// <summary>Ask another acceptor; what it says comes back as <see cref="AcceptorInput.Told"/>.</summary>
    public sealed record Ask(NodeId Voter, RegisterMessage Message) : AcceptorEffect;

    /// <param name="SentAt">The heartbeat's instant on the primary's own clock, given back unchanged.</param>
    public sealed record AnswerClaims(NodeId To, Instant SentAt, IReadOnlyList<LeaseAnswer> Answers) : AcceptorEffect;
}

/// <summary>
/// One voter of the view register: a CASPaxos acceptor that also guards the leases it granted. Because a state that
/// deposes a primary needs a majority to be accepted, and a majority must not hold a grant to it, a wrong suspicion
/// cannot depose a healthy primary.
/// </summary>
/// <param name="formation">The formation that this node is known to belong to; null if it has never heard of a committed state.</param>
/// <remarks>Pure; exactly one owner drives it and carries the effects out in their order.</remarks>
public sealed class Acceptor(
    AcceptorState recovered,
    LeaseGrants grants,
    NodeId self,
    Incarnation incarnation,
    FormationId? formation = null
)
{
    private readonly Recollection _recollection = new(self, incarnation);
    private FormationId? _founded = formation;

    public AcceptorState State { get; private set; } = recovered;

    /// <summary>When <see cref="Step"/> must next be called; null when only events can change anything.</summary>
    public Instant? NextDeadline => IsForgetful ? _recollection.NextDeadline : null;

    /// <summary>
    /// Whoever may have forgotten takes part in nothing but a founding, until the others have told what it may have
    /// promised and accepted (ADR 20).
    /// </summary>
    private bool IsForgetful => State.Forgetful && !Mutant.VoteWithoutMemory;

    /// <summary>
    /// What it accepted belongs to a formation that was founded, and not only to an attempt: there is a later state than the first, or a committed
    /// one was heard of.
    /// </summary>
    private bool RemembersFormation =>
        !IsForgetful && State.State is { } state && (state.Version > 1 || state.Formation == _founded);

    public void Step(AcceptorInput input, Instant now, ICollection<AcceptorEffect> effects)
    {
        if (input is AcceptorInput.Learned { State.Formation: var learnedOf })
            _founded ??= learnedOf;
        switch (input)
        {
            case AcceptorInput.Asked { Message: RegisterMessage.Prepare prepare } asked:
                OnPrepare(asked.From, prepare, now, effects);
                break;
            case AcceptorInput.Asked { Message: RegisterMessage.Accept accept } asked:
                OnAccept(asked.From, accept, now, effects);
                break;
            case AcceptorInput.Claimed claimed:
                OnClaimed(claimed, now, effects);
                break;
            case AcceptorInput.ProcessGone gone:
                if (grants.ProcessGone(gone.Node, gone.Incarnation))
                    PromiseAnew(now, effects);
                break;
            case AcceptorInput.Learned learned when IsForgetful:
                _recollection.Begin(learned.State, State.Promised, now, effects);
                break;
            case AcceptorInput.Remembered remembered when IsForgetful:
                // A first state may be one of a founding that is under way.
                if (remembered.State.Version > 1)
                    _recollection.Begin(remembered.State, State.Promised, now, effects);
                break;
            case AcceptorInput.Told told when IsForgetful:
                if (_recollection.Heard(told.From, told.Message, effects) is { } recalled)
                    Recall(recalled, effects);
                break;
            case AcceptorInput.DeadlineReached when IsForgetful:
                _recollection.AskAgain(now, effects);
                break;
            case AcceptorInput.Learned
            or AcceptorInput.Remembered
            or AcceptorInput.Told
            or AcceptorInput.DeadlineReached:
                break; // It remembers.
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        Invariant.Holds(State.AcceptedAt <= State.Promised);
    }

    private void OnPrepare(
        NodeId from,
        RegisterMessage.Prepare prepare,
        Instant now,
        ICollection<AcceptorEffect> effects
    )
    {
        if (prepare.Ballot < State.Promised)
        {
            effects.Add(new AcceptorEffect.Answer(from, new RegisterMessage.Conflict(prepare.Ballot, State.Promised)));
            return;
        }

        // A repeated prepare of the promised ballot is a lost answer asked for again: nothing new to persist.
        if (prepare.Ballot > State.Promised)
        {
            State = State with { Promised = prepare.Ballot };
            effects.Add(new AcceptorEffect.Persist(State));
        }

        effects.Add(new AcceptorEffect.Answer(from, PromiseAt(prepare.Ballot, now)));
    }

    private void OnAccept(NodeId from, RegisterMessage.Accept accept, Instant now, ICollection<AcceptorEffect> effects)
    {
        if (accept.Ballot < State.Promised)
        {
            effects.Add(new AcceptorEffect.Answer(from, new RegisterMessage.Conflict(accept.Ballot, State.Promised)));
            return;
        }

        // A founding is carried out by those who have no memory yet, each under a promise of its own.
        if (IsForgetful && (accept.State is { Version: > 1 } || accept.Ballot != State.Promised))
            return;
        // A voter that promised before it had its memory back and one that has lost it since look like a majority without any.
        // Whoever remembers lets neither them nor anybody else found a second formation, or say that there is none.
        if (RemembersFormation && (accept.State is null || IsAnotherFounding(accept.State)))
            return;
        if (accept.State is { } next && grants.Blocks(next, State.State, now) is { } blocked)
        {
            effects.Add(
                new AcceptorEffect.Answer(
                    from,
                    new RegisterMessage.Leased(accept.Ballot, blocked.Remaining, blocked.Holder)
                )
            );
            return;
        }

        if (State.AcceptedAt != accept.Ballot)
        {
            State = new AcceptorState(accept.Ballot, accept.Ballot, accept.State)
            {
                Forgetful = IsForgetful && accept.State is null,
            };
            effects.Add(new AcceptorEffect.Persist(State));
        }

        effects.Add(new AcceptorEffect.Answer(from, new RegisterMessage.Accepted(accept.Ballot)));
    }

    private bool IsAnotherFounding(FormationState state) =>
        state.Version == 1 && state.Formation != State.State!.Formation;

    private void OnClaimed(AcceptorInput.Claimed claimed, Instant now, ICollection<AcceptorEffect> effects)
    {
        var freed = grants.Saw(claimed.From, claimed.Incarnation);
        if (claimed.Claims.Count > 0)
            freed |= Answer(claimed, now, effects);
        if (freed)
            PromiseAnew(now, effects);
    }

    /// <returns>Whether a lease was given back.</returns>
    private bool Answer(AcceptorInput.Claimed claimed, Instant now, ICollection<AcceptorEffect> effects)
    {
        var freed = false;
        var answers = new LeaseAnswer[claimed.Claims.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            var (partition, epoch, released) = claimed.Claims[i];
            if (released)
                freed |= grants.Release(partition, claimed.From, claimed.Incarnation, epoch, claimed.SentAt);
            var granted =
                !released
                && !IsForgetful
                && grants.Renew(
                    partition,
                    claimed.From,
                    claimed.Incarnation,
                    epoch,
                    claimed.Known,
                    claimed.SentAt,
                    State.State,
                    now
                );
            answers[i] = new LeaseAnswer(partition, epoch, granted);
        }

        effects.Add(new AcceptorEffect.AnswerClaims(claimed.From, claimed.SentAt, answers));
        return freed;
    }

    /// <summary>
    /// Whoever holds this voter's promise and has not used it may be waiting for the very lease that has just ended:
    /// it need not wait until it asks again. Should it wait no more, it ignores the answer.
    /// </summary>
    private void PromiseAnew(Instant now, ICollection<AcceptorEffect> effects)
    {
        if (State.Promised > State.AcceptedAt)
            effects.Add(new AcceptorEffect.Answer(State.Promised.Proposer, PromiseAt(State.Promised, now)));
    }

    private RegisterMessage.Promise PromiseAt(Ballot ballot, Instant now) =>
        new(ballot, State.AcceptedAt, State.State, grants.Held(State.State, now)) { Forgetful = IsForgetful };

    private void Recall(AcceptorState recalled, ICollection<AcceptorEffect> effects)
    {
        // What it promised in this life binds it, too.
        State = recalled with
        {
            Promised = recalled.Promised > State.Promised ? recalled.Promised : State.Promised,
        };
        effects.Add(new AcceptorEffect.Persist(State));
    }
}

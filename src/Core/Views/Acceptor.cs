using System.Diagnostics;
using Failover.Core.Leases;

namespace Failover.Core.Views;

/// <summary>What an acceptor must never forget.</summary>
/// <param name="Promised">No ballot below this may be accepted.</param>
/// <param name="AcceptedAt">The ballot of <paramref name="State"/>.</param>
public sealed record AcceptorState(Ballot Promised, Ballot AcceptedAt, FormationState? State)
{
    public static AcceptorState Initial { get; } = new(Ballot.None, Ballot.None, null);
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

    /// <param name="SentAt">The heartbeat's instant on the primary's own clock, given back unchanged.</param>
    public sealed record AnswerClaims(NodeId To, Instant SentAt, IReadOnlyList<LeaseAnswer> Answers) : AcceptorEffect;
}

/// <summary>
/// One voter of the view register: a CASPaxos acceptor that also guards the leases it granted. Because a state that
/// deposes a primary needs a majority to be accepted, and a majority must not hold a grant to it, a wrong suspicion
/// cannot depose a healthy primary.
/// </summary>
/// <remarks>Pure; exactly one owner drives it and carries the effects out in their order.</remarks>
public sealed class Acceptor(AcceptorState recovered, LeaseGrants grants)
{
    public AcceptorState State { get; private set; } = recovered;

    public void Step(AcceptorInput input, Instant now, ICollection<AcceptorEffect> effects)
    {
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
            State = new AcceptorState(accept.Ballot, accept.Ballot, accept.State);
            effects.Add(new AcceptorEffect.Persist(State));
        }

        effects.Add(new AcceptorEffect.Answer(from, new RegisterMessage.Accepted(accept.Ballot)));
    }

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
        new(ballot, State.AcceptedAt, State.State, grants.Held(State.State, now));
}

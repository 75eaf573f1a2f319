using System.Collections.Immutable;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>A proposer on node b, and what the voters a, b, c answer it.</summary>
public abstract class ProposerStories
{
    private protected static readonly FormationState Current = State(5, ViewOf(1, ReplicaA, ReplicaB));

    private protected static readonly Change Pause = new Change.SetPaused(true);

    private protected static readonly FormationState Paused = After(Pause, Current);

    private protected static readonly Change PromoteB = new Change.Promote(
        P0,
        new(1),
        ReplicaB,
        DecisionKind.Failover,
        [ReplicaA],
        "a is silent",
        []
    );

    private protected static readonly FormationState OfB = After(PromoteB, Current);

    private readonly Proposer _proposer = new(
        new ProposerOptions
        {
            Self = B,
            Incarnation = new(7),
            Electorate = ImmutableArray.Create(A, B, C),
            RoundTimeout = Ms(100),
            RecheckEvery = Ms(10),
            BackOff = Ms(4),
        }
    );

    private protected Instant Now = At(10_000);

    private protected Instant? NextDeadline => _proposer.NextDeadline;

    private protected static FormationState After(Change change, FormationState state) =>
        Assert.IsType<ChangeResult.Next>(change.ApplyTo(state, SignedByM)).State;

    private protected static Ballot Round(long round) => new(round, B, new(7));

    private protected ImmutableArray<ProposerEffect> Propose(Change change, long id = 1) =>
        Step(new ProposerInput.Propose(new(id), change, SignedByM, Ms(1_000)));

    private protected ImmutableArray<ProposerEffect> Promises(
        NodeId from,
        long round,
        FormationState? state,
        long acceptedIn = 0,
        params HeldLease[] leases
    ) =>
        Step(
            new ProposerInput.Answered(
                from,
                new RegisterMessage.Promise(
                    Round(round),
                    acceptedIn == 0 ? Ballot.None : new Ballot(acceptedIn, M, new(1)),
                    state,
                    leases
                )
            )
        );

    private protected ImmutableArray<ProposerEffect> Accepts(NodeId from, long round) =>
        Step(new ProposerInput.Answered(from, new RegisterMessage.Accepted(Round(round))));

    private protected ImmutableArray<ProposerEffect> SaysLeased(NodeId from, long round, double retryAfter) =>
        Step(new ProposerInput.Answered(from, new RegisterMessage.Leased(Round(round), Ms(retryAfter), A)));

    private protected ImmutableArray<ProposerEffect> Conflicts(NodeId from, long round, long promised) =>
        Step(
            new ProposerInput.Answered(
                from,
                new RegisterMessage.Conflict(Round(round), new Ballot(promised, M, new(1)))
            )
        );

    private protected ImmutableArray<ProposerEffect> Withdraw(long id = 1) => Step(new ProposerInput.Withdraw(new(id)));

    private protected ImmutableArray<ProposerEffect> Learn(FormationState state) =>
        Step(new ProposerInput.Learned(state));

    /// <summary>Time passes, and the deadline that lies in it, if any, is reached.</summary>
    private protected ImmutableArray<ProposerEffect> After(double milliseconds)
    {
        Now += Ms(milliseconds);
        return Step(new ProposerInput.DeadlineReached());
    }

    private protected static HeldLease LeaseOfA(double remaining) => new(P0, new(1), A, Ms(remaining));

    private protected static ProposerEffect[] AskForPromises(long round) =>
        AskAll(new RegisterMessage.Prepare(Round(round)));

    private protected static ProposerEffect[] AskToAccept(long round, FormationState? state) =>
        AskAll(new RegisterMessage.Accept(Round(round), state));

    private protected static ProposerEffect AskToAccept(NodeId voter, long round, FormationState? state) =>
        new ProposerEffect.Ask(voter, new RegisterMessage.Accept(Round(round), state));

    private protected static ProposerEffect[] IsDone(FormationState? state, long id = 1) =>
        [new ProposerEffect.Committed(state), Ends(new ProposalOutcome.Done(state), id)];

    private protected static ProposerEffect Ends(ProposalOutcome outcome, long id = 1) =>
        new ProposerEffect.Finished(new(id), outcome);

    private static ProposerEffect[] AskAll(RegisterMessage message) =>
        [new ProposerEffect.Ask(A, message), new ProposerEffect.Ask(B, message), new ProposerEffect.Ask(C, message)];

    private protected ImmutableArray<ProposerEffect> Step(ProposerInput input)
    {
        List<ProposerEffect> effects = [];
        _proposer.Step(input, Now, effects);
        return [.. effects];
    }
}

using System.Collections.Immutable;
using Failover.Core.Leases;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>An acceptor, what happens to it, and what it does.</summary>
public abstract class AcceptorStories
{
    private protected static readonly LeaseOptions Lease = new() { Interval = Ms(50), Duration = Ms(300) };

    private protected static readonly Incarnation FirstRun = new(1);

    private protected static readonly Incarnation SecondRun = new(2);

    /// <summary>Epoch 1 of node a.</summary>
    private protected static readonly FormationState OfA = State(1, ViewOf(1, ReplicaA, ReplicaB));

    /// <summary>Epoch 2 of node b: deposes a.</summary>
    private protected static readonly FormationState OfB = State(2, ViewOf(2, ReplicaB));

    /// <summary>It has voted for long; what it promised and accepted is of no interest here.</summary>
    private static readonly AcceptorState _nothing = AcceptorState.Initial with { Forgetful = false };

    private Acceptor _acceptor = new(_nothing, new LeaseGrants(Lease, null), A, FirstRun);

    private protected Instant Now = At(10_000);

    private protected AcceptorState Kept => _acceptor.State;

    private protected static Ballot Round(long round) => new(round, M, FirstRun);

    private protected void GivenAccepted(FormationState state)
    {
        Ask(new RegisterMessage.Prepare(Round(1)));
        Ask(new RegisterMessage.Accept(Round(1), state));
        Spelled.Same(state, Kept.State);
    }

    private protected void GivenNothingAccepted() =>
        _acceptor = new Acceptor(_nothing, new LeaseGrants(Lease, null), A, FirstRun);

    /// <summary>Its directory is empty.</summary>
    private protected void GivenNoMemory() =>
        _acceptor = new Acceptor(AcceptorState.Initial, new LeaseGrants(Lease, Now), A, SecondRun);

    private protected Instant? NextDeadline => _acceptor.NextDeadline;

    /// <summary>The process comes back with what it persisted, and knows no grant.</summary>
    private protected void Restarts() => _acceptor = new Acceptor(Kept, new LeaseGrants(Lease, Now), A, FirstRun);

    private protected ImmutableArray<AcceptorEffect> Ask(RegisterMessage message) =>
        Step(new AcceptorInput.Asked(M, message));

    private protected ImmutableArray<AcceptorEffect> Accept(long round, FormationState? state) =>
        Ask(new RegisterMessage.Accept(Round(round), state));

    /// <param name="sentAt">On the sender's clock, in milliseconds; what the voter's own clock shows if it does not matter.</param>
    private protected bool Claim(NodeId from, Incarnation run, long epoch, bool released = false, double? sentAt = null)
    {
        var sent = sentAt is { } at ? At(at) : Now;
        var effects = Step(
            new AcceptorInput.Claimed(from, run, 0, sent, [new LeaseClaim(P0, new Epoch(epoch), released)])
        );
        return Assert.IsType<AcceptorEffect.AnswerClaims>(Assert.Single(effects)).Answers[0].Granted;
    }

    private protected ImmutableArray<AcceptorEffect> Step(AcceptorInput input)
    {
        List<AcceptorEffect> effects = [];
        _acceptor.Step(input, Now, effects);
        return [.. effects];
    }

    private protected static AcceptorEffect Tell(RegisterMessage message) => new AcceptorEffect.Answer(M, message);

    private protected static AcceptorEffect Persist(Ballot promised, Ballot acceptedAt, FormationState? state) =>
        new AcceptorEffect.Persist(new AcceptorState(promised, acceptedAt, state));

    private protected static AcceptorEffect Leased(long round, double retryAfter, NodeId holder) =>
        Tell(new RegisterMessage.Leased(Round(round), Ms(retryAfter), holder));
}

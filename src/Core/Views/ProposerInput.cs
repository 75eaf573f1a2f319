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

using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Failover.Core.Detection;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Core.Policy;

public abstract record PolicyInput
{
    private PolicyInput() { }

    /// <summary>A committed state was heard of; null: a majority says that no formation exists.</summary>
    /// <param name="WallNow">Tells roughly how old the decisions are that a new watch finds in the history; null: nobody knows.</param>
    public sealed record StateLearned(FormationState? State, WallTime? WallNow = null) : PolicyInput;

    /// <summary>A node, this one or another, was heard of or judged anew.</summary>
    public sealed record NodeObserved(NodeId Node, NodeReport? Report, Assessment Assessment) : PolicyInput;

    public sealed record ProposalEnded(Change Change, ProposalOutcome Outcome) : PolicyInput;

    /// <summary>An operator forces a failover.</summary>
    public sealed record FailoverForced(OperatorToken Token, PartitionId Partition, bool AcceptDataLoss) : PolicyInput;

    /// <summary>What <see cref="PolicyEffect.MoveAway"/> asked for came to an end.</summary>
    /// <param name="Refusal">Why the primary did not hand over; null if it did.</param>
    public sealed record MoveEnded(PartitionId Partition, Epoch Epoch, string? Refusal) : PolicyInput;

    public sealed record DeadlineReached : PolicyInput
    {
        public static readonly DeadlineReached Instance = new();
    }
}

/// <summary>Names an operator's request.</summary>
public readonly record struct OperatorToken(long Value);

public abstract record PolicyEffect
{
    private PolicyEffect() { }

    /// <summary>Propose the change; answer with <see cref="PolicyInput.ProposalEnded"/>.</summary>
    public sealed record Propose(Change Change) : PolicyEffect;

    /// <summary>The reason for a proposal is gone: drop it if it has not happened yet.</summary>
    public sealed record Withdraw(Change Change) : PolicyEffect;

    /// <summary>Something stands in the way that only a person can remove.</summary>
    public sealed record Alarm(string Message) : PolicyEffect;

    public sealed record Refuse(OperatorToken Token, string Reason) : PolicyEffect;

    /// <summary>The operator's wish is done or refused by this proposal's end.</summary>
    public sealed record AnswerWith(OperatorToken Token, Change Change) : PolicyEffect;

    /// <summary>
    /// Ask the primary to hand over to <paramref name="Target"/>, as for a switchover, with the kind of a failover; answer with
    /// <see cref="PolicyInput.MoveEnded"/>. No answer is an answer: the policy asks again.
    /// </summary>
    public sealed record MoveAway(
        PartitionId Partition,
        Epoch Epoch,
        NodeId Primary,
        NodeId Target,
        string Reason,
        ImmutableArray<string> Evidence
    ) : PolicyEffect;

    /// <summary>The primary is healthy: a planned switchover serves the operator better than force.</summary>
    public sealed record SwitchOver(OperatorToken Token, PartitionId Partition, NodeId Primary) : PolicyEffect;
}

/// <summary>
/// What the Monitor decides, and why. Its memory is only a cache: the register decides whether a decision holds, so
/// any number of instances may run, late or wrong, without harm.
/// </summary>
/// <remarks>Pure; exactly one owner drives it and carries the effects out in their order.</remarks>
public sealed partial class MonitorPolicy(PolicyOptions options)
{
    private readonly Dictionary<NodeId, PolicyInput.NodeObserved> _nodes = [];
    private readonly Dictionary<PartitionId, Pending> _pending = [];

    /// <summary>The newest promotion that an operator forced through this instance, until its proposal ends.</summary>
    private readonly Dictionary<PartitionId, Pending> _forced = [];
    private readonly Dictionary<PartitionId, Recovery> _recoveries = [];

    /// <summary>When a partition may be decided about again after a proposal was refused.</summary>
    private readonly Dictionary<PartitionId, Instant> _notBefore = [];
    private readonly Dictionary<PartitionId, string> _alarms = [];
    private FormationState? _state;
    private bool _read;
    private Instant? _startedAt;
    private Instant? _monitorHeardAt;
    private bool _founding;
    private Instant? _deadline;

    /// <summary>A promotion that was proposed and has not ended.</summary>
    private sealed record Pending(
        Change.Promote Change,
        Instant SuspectedAt,
        Instant? LastSign,
        bool Withdrawn = false
    );

    /// <summary>A promotion that was committed and does not serve yet.</summary>
    private sealed record Recovery(Epoch Epoch, double Detected, double Decided, Instant CommittedAt);

    /// <summary>When <see cref="Step"/> must next be called; null when only events can change anything.</summary>
    public Instant? NextDeadline => _deadline;

    public FormationState? State => _state;

    public void Step(PolicyInput input, Instant now, ICollection<PolicyEffect> effects)
    {
        _startedAt ??= now;
        _monitorHeardAt ??= now;
        switch (input)
        {
            case PolicyInput.StateLearned learned:
                OnStateLearned(learned.State, learned.WallNow, now);
                RecordRecoveries(now, effects);
                break;
            case PolicyInput.NodeObserved observed:
                OnNodeObserved(observed, now, effects);
                break;
            case PolicyInput.ProposalEnded ended:
                OnProposalEnded(ended, now);
                OnSettlingEnded(ended, now);
                RecordRecoveries(now, effects);
                break;
            case PolicyInput.FailoverForced forced:
                OnFailoverForced(forced, now, effects);
                break;
            case PolicyInput.MoveEnded ended:
                OnMoveEnded(ended, now, effects);
                break;
            case PolicyInput.DeadlineReached:
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        _deadline = null;
        RaiseFlapping(now, effects);
        if (_state is not null)
        {
            Watch(_state, now, effects);
            SettleVoters(_state, now, effects);
        }
        else if (_read)
            Found(now, effects);
    }

    private void OnStateLearned(FormationState? state, WallTime? wallNow, Instant now)
    {
        _read = true;
        if (state is null || state.Version <= _state?.Version)
            return;
        Follow(state, wallNow, inherited: _state is null, now);
        NoteMoves(state);
        _state = state;
    }

    private void OnNodeObserved(PolicyInput.NodeObserved observed, Instant now, ICollection<PolicyEffect> effects)
    {
        NoteMonitor(observed, now);
        var report = observed.Report ?? _nodes.GetValueOrDefault(observed.Node)?.Report;
        _nodes[observed.Node] = observed with { Report = report };
        if (report is not null)
            RecordRecoveries(report, now, effects);
    }

    /// <summary>Nobody repeats that a node lives on: one on which a Monitor ran has been heard until what is said of it now.</summary>
    private void NoteMonitor(PolicyInput.NodeObserved observed, Instant now)
    {
        if (!IsUp(observed.Node) || _nodes[observed.Node].Report is not { Monitoring: true })
            return;
        var heard = observed.Assessment.Since ?? now;
        if (heard > _monitorHeardAt)
            _monitorHeardAt = heard;
    }

    private void OnProposalEnded(PolicyInput.ProposalEnded ended, Instant now)
    {
        if (ended.Outcome is ProposalOutcome.Done done)
            OnStateLearned(done.State, null, now);
        if (ended.Change is Change.Create)
            _founding = false;
        if (ended.Change is not Change.Promote promote)
            return;
        if (!TryEnd(_pending, promote, out var pending) && !TryEnd(_forced, promote, out pending))
            return;
        // What it was refused for still stands this instant: asking again at once would only crowd the register.
        if (ended.Outcome is ProposalOutcome.Refused && !pending.Withdrawn)
            _notBefore[promote.Partition] = now + options.Detection.Interval;
        if (ended.Outcome is not ProposalOutcome.Done)
            return;
        var detected = pending.LastSign is { } sign ? (pending.SuspectedAt - sign).TotalMilliseconds : 0;
        var decided = (now - pending.SuspectedAt).TotalMilliseconds;
        _recoveries[promote.Partition] = new Recovery(promote.Epoch.Next, detected, decided, now);
    }

    private static bool TryEnd(
        Dictionary<PartitionId, Pending> under,
        Change.Promote promote,
        [NotNullWhen(true)] out Pending? pending
    )
    {
        if (!under.TryGetValue(promote.Partition, out pending) || !pending.Change.IsSameAs(promote))
            return false;
        return under.Remove(promote.Partition);
    }

    /// <summary>Who was promoted may serve before its promotion is known to be committed here, and says so only once.</summary>
    private void RecordRecoveries(Instant now, ICollection<PolicyEffect> effects)
    {
        foreach (var node in _nodes.Values)
        {
            if (node.Report is { } report)
                RecordRecoveries(report, now, effects);
        }
    }

    private void RecordRecoveries(NodeReport report, Instant now, ICollection<PolicyEffect> effects)
    {
        foreach (var replica in report.Replicas)
        {
            if (replica.Role != ReplicaRole.Primary || !_recoveries.TryGetValue(replica.Partition, out var recovery))
                continue;
            if (replica.Epoch != recovery.Epoch)
                continue;
            _recoveries.Remove(replica.Partition);
            var phases = new PhaseTimes(
                recovery.Detected,
                recovery.Decided,
                (now - recovery.CommittedAt).TotalMilliseconds
            );
            effects.Add(new PolicyEffect.Propose(new Change.RecordPhases(replica.Partition, recovery.Epoch, phases)));
        }
    }

    private void LookAgainAt(Instant at) => _deadline = Instant.Earliest(_deadline, at);

    private bool IsUp(NodeId node) =>
        _nodes.TryGetValue(node, out var observed) && observed.Assessment.Verdict == Verdict.Alive;
}

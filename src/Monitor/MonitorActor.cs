using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Monitor;

/// <summary>
/// Runs one <see cref="MonitorPolicy"/>: messages in, effects out. As the cluster singleton it is the Monitor; on every
/// data node one more stands by, which may only make its own node primary and only while no Monitor is heard of.
/// </summary>
public sealed class MonitorActor : ReceiveActor, IWithTimers
{
    private readonly MonitorSetup _setup;
    private readonly Mandate _mandate;
    private readonly MonitorPolicy _policy;
    private readonly List<PolicyEffect> _effects = [];
    private readonly Dictionary<OperatorToken, IActorRef> _operators = [];
    private readonly List<(OperatorToken Token, Change Change)> _awaited = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<PartitionId, (long Id, PolicyEffect.MoveAway Move)> _moves = [];
    private long _tokens;

    public MonitorActor(MonitorSetup setup, Mandate mandate)
    {
        _setup = setup;
        _mandate = mandate;
        _policy = new MonitorPolicy(setup.Policy with { Mandate = mandate });

        Receive<NodeObserved>(m => Drive(new PolicyInput.NodeObserved(m.Node, m.Report, m.Assessment)));
        Receive<FormationRead>(m => Drive(new PolicyInput.StateLearned(m.State, _setup.Clock.WallNow)));
        Receive<StateLearned>(m => Drive(new PolicyInput.StateLearned(m.State, _setup.Clock.WallNow)));
        Receive<ChangeEnded>(OnChangeEnded);
        Receive<ForceFailover>(OnForceFailover);
        Receive<Answer>(OnAnswer);
        Receive<DeadlineReached>(_ => Drive(PolicyInput.DeadlineReached.Instance));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="setup">Where the node's other actors are.</param>
    /// <param name="mandate">What this instance may decide.</param>
    public static Props Props(MonitorSetup setup, Mandate mandate) =>
        ActorProps.From(() => new MonitorActor(setup, mandate));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
        if (_mandate == Mandate.Monitor)
        {
            _setup.Heartbeat.Tell(new MonitorRuns(true));
            Context.System.EventStream.Publish(new Happening("decision", $"the Monitor runs on {_setup.Policy.Self}"));
        }

        _setup.Register.Tell(ReadFormation.Instance);
        _setup.Heartbeat.Tell(ObserveNodes.Instance);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        if (_mandate == Mandate.Monitor)
            _setup.Heartbeat.Tell(new MonitorRuns(false));
    }

    private void OnChangeEnded(ChangeEnded ended)
    {
        foreach (var (token, change) in _awaited.Where(a => a.Change.Equals(ended.Change)).ToArray())
        {
            _awaited.Remove((token, change));
            AnswerOperator(
                token,
                ended.Outcome switch
                {
                    ProposalOutcome.Done done => new FailoverForced.Done(done.State),
                    ProposalOutcome.Refused refused => new FailoverForced.Refused(refused.Reason),
                    ProposalOutcome.Unknown unknown => new FailoverForced.Refused(unknown.Reason),
                    _ => throw new System.Diagnostics.UnreachableException($"Unhandled outcome: {ended.Outcome}"),
                }
            );
        }

        Drive(new PolicyInput.ProposalEnded(ended.Change, ended.Outcome));
    }

    private void OnForceFailover(ForceFailover force)
    {
        var token = new OperatorToken(++_tokens);
        _operators[token] = Sender;
        Drive(new PolicyInput.FailoverForced(token, force.Partition, force.AcceptDataLoss));
    }

    /// <summary>Asks the primary itself: nobody else can let requests wait until the next one serves.</summary>
    private void MoveAway(PolicyEffect.MoveAway move)
    {
        var why = string.Join("; ", move.Evidence);
        Decided($"{move.Reason} ({why}): {move.Target} shall lead partition {move.Partition}");
        var id = ++_tokens;
        _moves[move.Partition] = (id, move);
        _setup
            .Replica(move.Primary, move.Partition)
            ?.Tell(
                new Request.Switchover(id, move.Partition, move.Target, move.Reason)
                {
                    Evidence = move.Evidence,
                    IsAutomatic = true,
                }
            );
    }

    private void OnAnswer(Answer answer)
    {
        if (_moves.Values.FirstOrDefault(m => m.Id == answer.Id).Move is not { } move)
            return;
        _moves.Remove(move.Partition);
        var refusal = answer.Outcome switch
        {
            RequestOutcome.SwitchedOver => null,
            RequestOutcome.Refused refused => refused.Reason,
            _ => $"{move.Primary} does not serve",
        };
        Drive(new PolicyInput.MoveEnded(move.Partition, move.Epoch, refusal));
    }

    private void Drive(PolicyInput input)
    {
        _policy.Step(input, _setup.Clock.Now, _effects);
        foreach (var effect in _effects)
            Perform(effect);
        _effects.Clear();
        Timers.Follow(_policy.NextDeadline, _setup.Clock.Now);
    }

    private void Perform(PolicyEffect effect)
    {
        switch (effect)
        {
            case PolicyEffect.Propose propose:
                Announce(propose.Change);
                _setup.Register.Tell(new ProposeChange(propose.Change, _setup.Patience));
                break;
            case PolicyEffect.Withdraw withdraw:
                _setup.Register.Tell(new WithdrawChange(withdraw.Change));
                break;
            case PolicyEffect.MoveAway move:
                MoveAway(move);
                break;
            case PolicyEffect.Alarm alarm:
                _log.Warning("{0}", alarm.Message);
                Context.System.EventStream.Publish(new Happening("decision", alarm.Message));
                break;
            case PolicyEffect.Refuse refuse:
                AnswerOperator(refuse.Token, new FailoverForced.Refused(refuse.Reason));
                break;
            case PolicyEffect.AnswerWith answer:
                _awaited.Add((answer.Token, answer.Change));
                break;
            case PolicyEffect.SwitchOver healthy:
                AnswerOperator(healthy.Token, new FailoverForced.Healthy(healthy.Primary));
                break;
        }
    }

    private void Announce(Change change)
    {
        if (change is not Change.Promote promote)
            return;
        var evidence = promote.Evidence.IsEmpty ? "" : $" ({string.Join("; ", promote.Evidence)})";
        var message =
            $"{promote.Reason}{evidence}: {promote.Target.Node} shall lead partition {promote.Partition} in epoch {promote.Epoch.Next}";
        Decided(message);
    }

    private void Decided(string message)
    {
        _log.Info("{0}", message);
        Context.System.EventStream.Publish(new Happening("decision", message));
    }

    private void AnswerOperator(OperatorToken token, FailoverForced answer)
    {
        if (_operators.Remove(token, out var asker))
            asker.Tell(answer);
    }
}

/// <summary>What a <see cref="MonitorActor"/> needs of its node.</summary>
/// <param name="Replica">The actor of a partition's replica on a node; null while the node has not been met.</param>
/// <param name="Patience">How long one proposal may take before it is given up and judged anew.</param>
public sealed record MonitorSetup(
    PolicyOptions Policy,
    IActorRef Register,
    IActorRef Heartbeat,
    MonotonicClock Clock,
    Func<NodeId, PartitionId, IActorRef?> Replica,
    TimeSpan Patience
);

using Failover.Core.Store;
using Failover.Core.Views;

namespace Failover.Core.Replication;

/// <summary>Clients' requests, and handing the primary role over without failing one of them.</summary>
public sealed partial class Replica
{
    private readonly List<ReplicaInput.Write> _unflushed = [];
    private readonly Queue<(long Sequence, RequestToken Token)> _inLog = new();

    /// <summary>Requests that wait until this primary serves: it is being promoted, or hands over.</summary>
    private readonly List<ReplicaInput> _parked = [];

    /// <summary>Answers that wait for the lease, or for enough replicas in sync, and reads that wait for the lease.</summary>
    private readonly Queue<(RequestToken Token, RequestOutcome Outcome)> _withheld = new();
    private readonly List<ReplicaInput> _readsWithoutLease = [];

    private bool _flushScheduled;
    private Instant? _leaseUntil;
    private HandOver? _handOver;

    /// <summary>The hand-over that this replica is measuring; it goes on when the role is another's.</summary>
    private HandOverTimes? _measured;

    /// <param name="ViewAt">When the view that says so was here; null before.</param>
    private sealed record HandOverTimes(ReplicaId Target, TimeSpan Drained, Instant ReleasedAt, Instant? ViewAt = null);

    /// <param name="Since">From when on nothing was admitted.</param>
    /// <param name="Deadline">When it is called off, unless the lease is given back already.</param>
    private sealed record HandOver(
        ReplicaInput.Switchover Asked,
        ReplicaId Target,
        Instant Since,
        Instant? Deadline,
        bool Released
    )
    {
        public RequestToken Token => Asked.Token;
    }

    private int WaitingRequests =>
        _unflushed.Count + _inLog.Count + _parked.Count + _withheld.Count + _readsWithoutLease.Count;

    /// <summary>Whether something waits for nothing but the lease: then its owner tells of the next one by itself.</summary>
    public bool WaitsForLease => _readsWithoutLease.Count > 0 || (_withheld.Count > 0 && EnoughHold);

    private bool HoldsLease(Instant now) => _leaseUntil is { } until && now < until;

    /// <summary>
    /// The set may have shrunk since a write was admitted. It is committed then, but by fewer than the operator demands
    /// for an acknowledgement.
    /// </summary>
    private bool EnoughHold => _view!.InSync.Length >= _options.MinInSync;

    private void OnWrite(ReplicaInput.Write write, ICollection<ReplicaEffect> effects)
    {
        if (!IsLeading)
        {
            effects.Add(new ReplicaEffect.Answer(write.Token, RequestOutcome.NotPrimary.Instance));
        }
        else if (WaitingRequests >= _options.MaxWaiting)
        {
            effects.Add(Overloaded(write.Token));
        }
        else if (Role != ReplicaRole.Primary)
        {
            _parked.Add(write);
        }
        else if (!EnoughHold)
        {
            var reason = $"{_view!.InSync.Length} replicas are in sync, min-in-sync is {_options.MinInSync}";
            effects.Add(
                new ReplicaEffect.Answer(write.Token, new RequestOutcome.Refused(RefusalKind.NotEnoughReplicas, reason))
            );
        }
        else
        {
            _unflushed.Add(write);
            ScheduleFlush(effects);
        }
    }

    private void OnRead(ReplicaInput input, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!IsLeading)
            effects.Add(new ReplicaEffect.Answer(TokenOf(input), RequestOutcome.NotPrimary.Instance));
        else if (Role == ReplicaRole.Primary && (HoldsLease(now) || Mutant.StaleRead))
            effects.Add(new ReplicaEffect.Answer(TokenOf(input), Look(input)));
        else if (WaitingRequests >= _options.MaxWaiting)
            effects.Add(Overloaded(TokenOf(input)));
        else if (Role == ReplicaRole.Primary)
            _readsWithoutLease.Add(input);
        else
            _parked.Add(input);
    }

    private ReplicaEffect.Answer Overloaded(RequestToken token) =>
        new(token, new RequestOutcome.Refused(RefusalKind.Overloaded, $"{WaitingRequests} requests wait already"));

    private RequestOutcome Look(ReplicaInput input) =>
        input is ReplicaInput.Read read
            ? new RequestOutcome.ReadOne(_map.Find(read.Key))
            : new RequestOutcome.ReadMany(_map.Snapshot());

    private static RequestToken TokenOf(ReplicaInput input) =>
        input switch
        {
            ReplicaInput.Write write => write.Token,
            ReplicaInput.Read read => read.Token,
            ReplicaInput.ReadAll all => all.Token,
            _ => throw new System.Diagnostics.UnreachableException($"Not a request: {input}"),
        };

    private void ScheduleFlush(ICollection<ReplicaEffect> effects)
    {
        if (_flushScheduled)
            return;
        _flushScheduled = true;
        effects.Add(ReplicaEffect.ScheduleFlush.Instance);
    }

    /// <summary>What was put off until the queue is through: writes that form a batch, and entries to be applied.</summary>
    private void OnFlush(Instant now, ICollection<ReplicaEffect> effects)
    {
        _flushScheduled = false;
        if (IsFollowing)
            ApplySome(_toApply, applied: null, effects);
        if (!IsLeading)
            return;
        AppendUnflushed(now, effects);
        TryCommit(now, effects);
        TryHandOver(now, effects);
    }

    /// <summary>Everything that was queued before the marker goes into the log, and out, as one batch.</summary>
    private void AppendUnflushed(Instant now, ICollection<ReplicaEffect> effects)
    {
        if (_unflushed.Count == 0)
            return;
        var entries = System.Collections.Immutable.ImmutableArray.CreateBuilder<LogEntry>(_unflushed.Count);
        foreach (var write in _unflushed)
        {
            var entry = new LogEntry(new Position(Epoch, _log.Last.Sequence + 1), write.Command, write.Session);
            Append(entry);
            entries.Add(entry);
            _inLog.Enqueue((entry.Sequence, write.Token));
        }

        _unflushed.Clear();
        if (_options.Durable)
            effects.Add(new ReplicaEffect.Append(entries.MoveToImmutable()));
        SendToAll(now, effects);
    }

    private void AnswerApplied(LogEntry entry, CommandResult result, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!_inLog.TryPeek(out var waiting) || waiting.Sequence != entry.Sequence)
            return;
        _inLog.Dequeue();
        var outcome = new RequestOutcome.Written(result, Epoch);
        if (HoldsLease(now) && EnoughHold)
            effects.Add(new ReplicaEffect.Answer(waiting.Token, outcome));
        else
            _withheld.Enqueue((waiting.Token, outcome));
    }

    private void OnLeaseChanged(ReplicaInput.LeaseChanged lease, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!IsLeading || lease.Epoch != Epoch || _handOver is { Released: true })
            return;
        _leaseUntil = lease.HeldUntil;
        if (!HoldsLease(now))
            return;
        AnswerWithheld(now, effects);
        foreach (var read in _readsWithoutLease)
            effects.Add(new ReplicaEffect.Answer(TokenOf(read), Look(read)));
        _readsWithoutLease.Clear();
    }

    private void AnswerWithheld(Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!HoldsLease(now) || !EnoughHold)
            return;
        while (_withheld.TryDequeue(out var answer))
            effects.Add(new ReplicaEffect.Answer(answer.Token, answer.Outcome));
    }

    private void OnSwitchover(ReplicaInput.Switchover switchover, Instant now, ICollection<ReplicaEffect> effects)
    {
        // One that is about to serve hands over as soon as it does: asking again soon is better than a refusal.
        if (Role is ReplicaRole.Candidate or ReplicaRole.Promoting || !IsLeading)
        {
            effects.Add(new ReplicaEffect.Answer(switchover.Token, RequestOutcome.NotPrimary.Instance));
            return;
        }

        if (WhyNotHandOver(switchover.To, out var target) is { } reason)
        {
            effects.Add(
                new ReplicaEffect.Answer(switchover.Token, new RequestOutcome.Refused(RefusalKind.Conflict, reason))
            );
            return;
        }

        OnFlush(now, effects);
        _handOver = new HandOver(switchover, target, now, now + _options.SwitchoverTimeout, Released: false);
        Become(ReplicaRole.Draining, effects);
        TryHandOver(now, effects);
    }

    private string? WhyNotHandOver(NodeId? to, out ReplicaId target)
    {
        target = default;
        if (Role != ReplicaRole.Primary)
            return "the primary is already changing";
        if (to == _options.Self.Node)
            return $"{to} is the primary already";
        var candidates = _followers.Values.Where(f => f.InSync && !f.Removing && (to is null || f.Id.Node == to));
        if (candidates.MaxBy(f => f.Match) is not { } chosen)
            return to is null ? "no standby is in sync" : $"{to} is not in sync";
        target = chosen.Id;
        return null;
    }

    /// <summary>Once the target holds everything, the lease is given back and the register is asked for the next epoch.</summary>
    private void TryHandOver(Instant now, ICollection<ReplicaEffect> effects)
    {
        if (_handOver is not { Released: false } handOver || _commit != _log.Last.Sequence)
            return;
        if (!_followers.TryGetValue(handOver.Target, out var follower) || !follower.InSync)
        {
            CallOff($"{handOver.Target.Node} fell out of sync", now, effects);
            return;
        }

        if (follower.Match != _log.Last.Sequence)
            return;
        _handOver = handOver with { Released = true, Deadline = null };
        _measured = new HandOverTimes(handOver.Target, now - handOver.Since, now);
        _leaseUntil = null;
        effects.Add(new ReplicaEffect.ReleaseLease(Epoch));
        effects.Add(
            new ReplicaEffect.Propose(
                new Change.Promote(
                    _options.Partition,
                    Epoch,
                    handOver.Target,
                    handOver.Asked.IsAutomatic ? DecisionKind.Failover : DecisionKind.Switchover,
                    [],
                    handOver.Asked.Reason,
                    handOver.Asked.Evidence
                )
            )
        );
    }

    private void OnHandOverTimeout(Instant now, ICollection<ReplicaEffect> effects) =>
        CallOff(
            $"{_handOver!.Target.Node} did not catch up within {_options.SwitchoverTimeout.TotalSeconds:0.#} s",
            now,
            effects
        );

    private void OnHandOverEnded(ProposalOutcome outcome, Instant now, ICollection<ReplicaEffect> effects)
    {
        // Fenced meanwhile: the view that does it says what came of this.
        if (_handOver is not { Released: true } || !IsLeading)
            return;
        switch (outcome)
        {
            case ProposalOutcome.Refused refused:
                CallOff(refused.Reason, now, effects);
                break;
            // It may have happened. Serving on is safe even so: whoever was promoted has the lease, or nobody has.
            case ProposalOutcome.Unknown unknown:
                CallOff(unknown.Reason, now, effects);
                break;
            case ProposalOutcome.Done:
                break; // The view that says so is on its way, and answers.
        }
    }

    private void CallOff(string reason, Instant now, ICollection<ReplicaEffect> effects)
    {
        AbandonHandOver(reason, effects);
        Become(ReplicaRole.Primary, effects);
        AdmitParked(now, effects);
    }

    /// <summary>The view of a new epoch is here: is it the one that was asked for?</summary>
    private void MeasureHandOver(Instant now) =>
        _measured =
            _measured is { ViewAt: null } times && times.Target == _view!.Primary ? times with { ViewAt = now } : null;

    /// <summary>
    /// The former primary decided, so it says how long each step took, once it hears that the new one has committed
    /// something of its own.
    /// </summary>
    private void RecordHandOver(Instant now, ICollection<ReplicaEffect> effects)
    {
        if (_measured is not { ViewAt: { } viewAt } times || _log.PositionAt(_commit).Epoch != Epoch)
            return;
        _measured = null;
        var phases = new PhaseTimes(
            Detected: 0,
            (viewAt - times.ReleasedAt).TotalMilliseconds,
            (now - viewAt).TotalMilliseconds
        )
        {
            Drained = times.Drained.TotalMilliseconds,
        };
        effects.Add(new ReplicaEffect.Propose(new Change.RecordPhases(_options.Partition, Epoch, phases)));
    }

    private void AdmitParked(Instant now, ICollection<ReplicaEffect> effects)
    {
        ReplicaInput[] parked = [.. _parked];
        _parked.Clear();
        foreach (var request in parked)
        {
            if (request is ReplicaInput.Write write)
                OnWrite(write, effects);
            else
                OnRead(request, now, effects);
        }
    }

    /// <summary>Lets go of everything that only a primary has. Whoever waits is told to ask the next primary.</summary>
    private void StepDown(ICollection<ReplicaEffect> effects)
    {
        if (!IsLeading)
            return;
        var waiting = _inLog
            .Select(w => w.Token)
            .Concat(_withheld.Select(w => w.Token))
            .Concat(_unflushed.Select(w => w.Token))
            .Concat(_readsWithoutLease.Select(TokenOf))
            .Concat(_parked.Select(TokenOf));
        foreach (var token in waiting)
            effects.Add(new ReplicaEffect.Answer(token, RequestOutcome.NotPrimary.Instance));
        _inLog.Clear();
        _withheld.Clear();
        _unflushed.Clear();
        _readsWithoutLease.Clear();
        _parked.Clear();
        _followers.Clear();
        _leaseUntil = null;
    }

    /// <summary>Whoever asked for the hand-over is told what came of it.</summary>
    private void EndHandOver(View next, ICollection<ReplicaEffect> effects)
    {
        if (_handOver is not { } handOver)
            return;
        RequestOutcome outcome =
            next.Primary == handOver.Target
                ? new RequestOutcome.SwitchedOver(next.Epoch, next.Primary.Node)
                : new RequestOutcome.Refused(RefusalKind.Conflict, "another change of primary came first");
        effects.Add(new ReplicaEffect.Answer(handOver.Token, outcome));
        _handOver = null;
    }

    /// <summary>Whoever asked for the hand-over is told that this replica does not see its end.</summary>
    private void AbandonHandOver(string reason, ICollection<ReplicaEffect> effects)
    {
        if (_handOver is not { } handOver)
            return;
        var refused = new RequestOutcome.Refused(RefusalKind.Conflict, $"the switchover was called off: {reason}");
        effects.Add(new ReplicaEffect.Answer(handOver.Token, refused));
        _handOver = null;
        _measured = null;
    }
}

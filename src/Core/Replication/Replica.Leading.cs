using Failover.Core.Store;
using Failover.Core.Views;

namespace Failover.Core.Replication;

/// <summary>The primary's part: replicate, commit, decide whom to wait for.</summary>
public sealed partial class Replica
{
    private readonly Dictionary<ReplicaId, Follower> _followers = [];
    private Instant _promotedAt;
    private long _barrier;

    private void Lead(Instant now, ICollection<ReplicaEffect> effects)
    {
        _promotedAt = now;
        _leaseUntil = null;
        Become(ReplicaRole.Promoting, effects);

        // The tail an older primary left behind is kept: some of it may have been acknowledged. The barrier makes it count.
        var barrier = new LogEntry(new Position(Epoch, _log.Last.Sequence + 1), Command.Barrier.Instance);
        _barrier = barrier.Sequence;
        foreach (var replica in _view!.InSync)
        {
            if (replica != _options.Self)
                _followers.Add(replica, new Follower(replica) { InSync = true, Next = barrier.Sequence });
        }

        Append(barrier);
        if (_options.Durable)
            effects.Add(new ReplicaEffect.Append([barrier]));
        if (Mutant.NoBarrier)
            StartServing(now, effects);
        SendToAll(now, effects);
        TryCommit(now, effects);
    }

    private void OnInSyncChanged(Instant now, ICollection<ReplicaEffect> effects)
    {
        foreach (var follower in _followers.Values)
        {
            follower.InSync = _view!.Contains(follower.Id);
            if (!follower.InSync)
                follower.Removing = false;
        }

        foreach (var gone in _followers.Values.Where(f => f is { Superseded: true, Registered: false }).ToArray())
            _followers.Remove(gone.Id);
        TryCommit(now, effects);
        AnswerWithheld(now, effects);
        TryHandOver(now, effects);
    }

    private void SendToAll(Instant now, ICollection<ReplicaEffect> effects)
    {
        foreach (var follower in _followers.Values)
            SendNext(follower, now, effects);
    }

    /// <summary>Sends what the follower lacks, if nothing is under way to it.</summary>
    private void SendNext(Follower follower, Instant now, ICollection<ReplicaEffect> effects, bool confirm = false)
    {
        // Messages go to a node: what is meant for data that it lost would only confuse the replica it has now.
        if (follower.Waiting || follower.Superseded)
            return;
        if (follower.Snapshot is not null || !CanStream(follower))
        {
            SendSnapshot(follower, now, effects);
            return;
        }

        var behind = follower.Next <= _log.Last.Sequence;
        if (!behind && !confirm && follower.CommitTold == _commit)
            return;
        var entries = behind ? _log.Slice(follower.Next, _options.BatchEntries, _options.BatchBytes) : [];
        var previous = _log.PositionAt(follower.Next - 1);
        effects.Add(
            new ReplicaEffect.Send(
                follower.Id.Node,
                new ReplicaMessage.Replicate(Epoch, previous, entries, _commit, confirm)
            )
        );
        follower.CommitTold = _commit;
        follower.SentAt = now;
        if (behind || confirm)
            Await(follower, previous.Sequence + entries.Length, now);
    }

    private bool CanStream(Follower follower) => follower.Next - 1 >= _log.Start.Sequence;

    private static void Await(Follower follower, long through, Instant now)
    {
        follower.Waiting = true;
        follower.AwaitedThrough = through;
        follower.SentAt = now;
        follower.SilentSince = now;
    }

    private void SendSnapshot(Follower follower, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (follower.Snapshot is null)
        {
            follower.Snapshot = new OutgoingSnapshot(Epoch, TakeSnapshot(), _options.BatchBytes);
            follower.Snapshot.Advance();
        }

        effects.Add(new ReplicaEffect.Send(follower.Id.Node, follower.Snapshot.Current));
        Await(follower, follower.Snapshot.At.Sequence, now);
    }

    private void OnSnapshotAck(ReplicaMessage.SnapshotAck ack, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!_followers.TryGetValue(ack.From, out var follower) || follower.Snapshot is not { } snapshot)
            return;
        if (snapshot.At != ack.At || snapshot.Current.Index != ack.Index)
            return;
        follower.SilentSince = now;
        follower.SentAt = now;
        if (snapshot.Current.Final)
        {
            // The acknowledgement of the whole comes as soon as it is stored; until then the follower is awaited.
            follower.Snapshot = null;
            follower.Installing = true;
            follower.Next = snapshot.At.Sequence + 1;
            return;
        }

        snapshot.Advance();
        follower.Waiting = false;
        SendSnapshot(follower, now, effects);
    }

    private void OnAttach(ReplicaMessage.Attach attach, Instant now, ICollection<ReplicaEffect> effects)
    {
        DropOlderDataOf(attach.From, effects);
        if (!_followers.TryGetValue(attach.From, out var follower))
        {
            follower = new Follower(attach.From) { InSync = _view!.Contains(attach.From) };
            _followers.Add(attach.From, follower);
        }

        follower.GivenUp = false;
        // Asked again while a snapshot is under way: the resend timer serves it.
        if (follower.Snapshot is not null && attach.Last == Position.Zero && follower.Waiting)
            return;
        var shared = _log.SharedWith(attach.Epochs, attach.Last);
        follower.Snapshot = null;
        follower.Installing = false;
        follower.Waiting = false;
        follower.Next = shared.Sequence + 1;
        follower.Match = Math.Min(follower.Match, shared.Sequence);
        SendNext(follower, now, effects, confirm: true);
    }

    /// <summary>A node that comes with new data has lost the data that its older replica stood for.</summary>
    private void DropOlderDataOf(ReplicaId replica, ICollection<ReplicaEffect> effects)
    {
        foreach (var older in _followers.Values.Where(f => f.Id.Node == replica.Node && f.Id != replica).ToArray())
        {
            older.Superseded = true;
            if (older.Registered)
                Remove(older, $"{replica.Node} lost its data", effects);
            else
                _followers.Remove(older.Id);
        }
    }

    private void OnAck(ReplicaMessage.Ack ack, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!_followers.TryGetValue(ack.From, out var follower))
            return;
        Invariant.Holds(ack.Through <= _log.Last.Sequence);
        // It answers, so it is supplied, and will not ask to come back: the answer itself has to bring it back.
        follower.GivenUp = false;
        // The answer to an earlier copy must not start a second conversation: each would go on sending the same again.
        if (ack.Through >= follower.AwaitedThrough)
            follower.Waiting = false;
        follower.SilentSince = now;
        follower.Installing = false;
        follower.Match = Math.Max(follower.Match, ack.Through);
        follower.Next = Math.Max(follower.Next, ack.Through + 1);
        TryCommit(now, effects);
        TryAdd(follower, effects);
        SendNext(follower, now, effects);
        TryHandOver(now, effects);
    }

    /// <summary>Commits what every replica that counts holds. Older entries commit only behind this epoch's barrier (Raft §5.4.2).</summary>
    private void TryCommit(Instant now, ICollection<ReplicaEffect> effects)
    {
        var held = _persisted.Sequence;
        foreach (var follower in _followers.Values)
        {
            if (follower.Counts && !Mutant.AckBeforeStandby)
                held = Math.Min(held, follower.Match);
        }

        if (held <= _commit || held < _barrier)
            return;
        ApplySome(held, (entry, result) => AnswerApplied(entry, result, now, effects), effects);
        if (Role == ReplicaRole.Promoting && _commit >= _barrier)
            StartServing(now, effects);
        foreach (var follower in _followers.Values)
        {
            TryAdd(follower, effects);
            SendNext(follower, now, effects);
        }
    }

    private void StartServing(Instant now, ICollection<ReplicaEffect> effects)
    {
        Become(ReplicaRole.Primary, effects);
        effects.Add(new ReplicaEffect.Serving(Epoch, now - _promotedAt));
        AdmitParked(now, effects);
    }

    /// <summary>
    /// A replica that holds everything committed is proposed for the in-sync set. Commits wait for it from this moment,
    /// before the register knows, so the set that acknowledges always contains the register's.
    /// </summary>
    private void TryAdd(Follower follower, ICollection<ReplicaEffect> effects)
    {
        if (follower.Registered || follower.Superseded || follower.GivenUp)
            return;
        if (Role is not (ReplicaRole.Primary or ReplicaRole.Draining))
            return;
        if (follower.Match < _commit && !Mutant.ServeBeforeCatchUp)
        {
            // While writes go on, a replica that is slower than the others would stay one message behind for ever. One that
            // takes a snapshot is far behind, however few entries that are.
            follower.Awaited |=
                follower is { Snapshot: null, Installing: false }
                && _log.Last.Sequence - follower.Match <= _options.BatchEntries;
            return;
        }

        follower.Awaited = false;
        follower.Adding = true;
        effects.Add(new ReplicaEffect.Propose(new Change.AddInSync(_options.Partition, Epoch, follower.Id)));
    }

    private void Remove(Follower follower, string reason, ICollection<ReplicaEffect> effects)
    {
        if (follower.Removing)
            return;
        follower.Removing = true;
        if (Mutant.ShrinkBeforeCommit)
            follower.InSync = false;
        effects.Add(new ReplicaEffect.Propose(new Change.RemoveInSync(_options.Partition, Epoch, follower.Id, reason)));
    }

    private void OnProposalEnded(ReplicaInput.ProposalEnded ended, Instant now, ICollection<ReplicaEffect> effects)
    {
        // The set that commits wait for follows the register's versions, never the order in which proposals happen to
        // end: 1. a removal is chosen, but its proposer does not hear of it; 2. the view arrives from elsewhere, the
        // replica comes back and is proposed again; 3. the removal ends, done. Taking the replica out now would be wrong.
        if (IsLeading && ended.Outcome is ProposalOutcome.Done { State: { } state })
            OnViewCommitted(
                new ReplicaInput.ViewCommitted(state.ViewOf(_options.Partition)!, state.Version),
                now,
                effects
            );
        if (!IsLeading)
            return;
        switch (ended.Change)
        {
            case Change.AddInSync add when add.Epoch == Epoch && _followers.TryGetValue(add.Replica, out var follower):
                if (ended.Outcome is ProposalOutcome.Unknown)
                    effects.Add(new ReplicaEffect.Propose(add)); // It may have happened: only the register can tell.
                else
                    follower.Adding = false;
                TryCommit(now, effects);
                break;
            case Change.RemoveInSync remove
                when remove.Epoch == Epoch && _followers.TryGetValue(remove.Replica, out var follower):
                OnRemovalEnded(follower, remove, ended.Outcome, effects);
                TryCommit(now, effects);
                break;
            case Change.Promote promote when promote.Epoch == Epoch:
                OnHandOverEnded(ended.Outcome, now, effects);
                break;
        }
    }

    /// <summary>
    /// The follower itself is kept: it may have asked to come back while the register decided, and would then wait
    /// for a primary that had forgotten it.
    /// </summary>
    private void OnRemovalEnded(
        Follower follower,
        Change.RemoveInSync remove,
        ProposalOutcome outcome,
        ICollection<ReplicaEffect> effects
    )
    {
        follower.Removing = false;
        if (outcome is ProposalOutcome.Unknown && follower.Registered)
            Remove(follower, remove.Reason, effects);
    }

    private void OnProcessGone(NodeId node, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!IsLeading)
            return;
        foreach (var follower in _followers.Values.Where(f => f.Id.Node == node).ToArray())
            GiveUp(follower, $"the process of {node} is gone", effects);
        TryCommit(now, effects);
    }

    private void GiveUp(Follower follower, string reason, ICollection<ReplicaEffect> effects)
    {
        follower.Snapshot = null;
        follower.Installing = false;
        follower.Waiting = false;
        follower.GivenUp = true;
        if (follower.Registered)
            Remove(follower, reason, effects);
        else
            _followers.Remove(follower.Id);
    }

    /// <summary>How often an idle follower is asked for a sign of life: a stuck one is found before a write needs it.</summary>
    private TimeSpan KeepAliveEvery => _options.ReplicaTimeout * 2;

    /// <summary>Nobody waits for a replica that stores a snapshot, and to give it up would make it begin again.</summary>
    private TimeSpan PatienceWith(Follower follower) =>
        follower is { Installing: true, Counts: false } ? _options.ReplicaTimeout * 20 : _options.ReplicaTimeout;

    private Instant? LeaderDeadline()
    {
        Instant? next = _handOver?.Deadline;
        foreach (var follower in _followers.Values)
        {
            if (!follower.Removing && !follower.Superseded)
                next = Instant.Earliest(
                    next,
                    follower.SentAt + (follower.Waiting ? _options.ResendAfter : KeepAliveEvery)
                );
        }

        return next;
    }

    private void OnLeaderDeadline(Instant now, ICollection<ReplicaEffect> effects)
    {
        foreach (var follower in _followers.Values.ToArray())
        {
            if (follower.Removing || follower.Superseded)
                continue;
            if (follower.Waiting && now - follower.SilentSince >= PatienceWith(follower))
                GiveUp(
                    follower,
                    $"{follower.Id.Node} did not answer for {PatienceWith(follower).TotalMilliseconds:0} ms",
                    effects
                );
            else if (follower.Waiting && now >= follower.SentAt + _options.ResendAfter)
                Resend(follower, now, effects);
            else if (!follower.Waiting && now >= follower.SentAt + KeepAliveEvery)
                SendNext(follower, now, effects, confirm: true);
        }

        TryCommit(now, effects);
        if (_handOver is { } handOver && now >= handOver.Deadline)
            OnHandOverTimeout(now, effects);
    }

    private void Resend(Follower follower, Instant now, ICollection<ReplicaEffect> effects)
    {
        var silentSince = follower.SilentSince;
        follower.Waiting = false;
        SendNext(follower, now, effects, confirm: true);
        follower.SilentSince = silentSince;
    }
}

using System.Collections.Immutable;
using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>The standby's and the joining replica's part.</summary>
public sealed partial class Replica
{
    /// <summary>When to ask the primary again to be brought up to date; renewed by whatever it sends.</summary>
    private Instant? _attachAgainAt;

    /// <summary>Up to here the log is known to be the primary's. Beyond it may stand what an older primary left behind.</summary>
    private long _verified;

    /// <summary>Up to here the primary has said that entries are committed, as far as they are held.</summary>
    private long _toApply;

    /// <summary>Up to here the primary waits to hear that entries are held.</summary>
    private long _ackOwed;

    /// <summary>The snapshot that is coming in, part by part.</summary>
    private IncomingSnapshot? _incoming;

    private sealed class IncomingSnapshot(Position at)
    {
        public Position At => at;
        public int NextIndex { get; set; }
        public ImmutableDictionary<string, StoredValue>.Builder Entries { get; } = ReplicatedMap.Empty.ToBuilder();
    }

    /// <summary>A primary that forgot this replica sends nothing more: after two of its signs of life are missed, ask again.</summary>
    private void SuppliedAt(Instant now) => _attachAgainAt = now + (KeepAliveEvery * 2);

    private void Follow(Instant now, ICollection<ReplicaEffect> effects)
    {
        _verified = 0;
        _toApply = 0;
        _ackOwed = 0;
        _incoming = null;
        Become(_view!.Contains(_options.Self) ? ReplicaRole.Standby : ReplicaRole.Joining, effects);
        Attach(now, effects);
    }

    private void OnFollowerViewChanged(Instant now, ICollection<ReplicaEffect> effects)
    {
        var role = _view!.Contains(_options.Self) ? ReplicaRole.Standby : ReplicaRole.Joining;
        if (role == Role || _view.Primary == _options.Self)
            return;
        Become(role, effects);
        // Dropped from the in-sync set: the primary may have given up on this replica, so it must ask to come back.
        if (role == ReplicaRole.Joining)
            Attach(now, effects);
    }

    private void Attach(Instant now, ICollection<ReplicaEffect> effects)
    {
        _attachAgainAt = now + _options.ResendAfter;
        effects.Add(
            new ReplicaEffect.Send(
                _view!.Primary.Node,
                new ReplicaMessage.Attach(Epoch, _options.Self, _log.Epochs, _log.Last)
            )
        );
    }

    private void OnReplicate(ReplicaMessage.Replicate replicate, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (!_log.Agrees(replicate.Previous))
        {
            // What is committed here is in every later primary's log, unless an operator forced one that lacks it.
            if (replicate.Previous.Sequence <= _commit)
                StartOver(replicate.Previous.Sequence - 1, now, effects);
            else
                Attach(now, effects);
            return;
        }

        SuppliedAt(now);
        _incoming = null;
        if (!TakeOver(replicate.Entries, now, effects))
            return;
        _verified = Math.Max(_verified, replicate.Previous.Sequence + replicate.Entries.Length);
        _toApply = Math.Min(replicate.Commit, _verified);
        ApplySome(_toApply, applied: null, effects);
        RecordHandOver(now, effects);
        if (replicate.Confirm || replicate.Entries.Length > 0)
        {
            _ackOwed = Math.Max(_ackOwed, replicate.Previous.Sequence + replicate.Entries.Length);
            AckWhatIsHeld(effects);
        }
    }

    /// <summary>Makes the log agree with the primary's entries, cutting what an older primary left behind.</summary>
    /// <returns>False if that would cut something committed: only a forced promotion can ask for it.</returns>
    private bool TakeOver(ImmutableArray<LogEntry> entries, Instant now, ICollection<ReplicaEffect> effects)
    {
        var first = 0;
        while (
            first < entries.Length
            && (
                _log.Agrees(entries[first].Position)
                || (Mutant.KeepDivergedTail && entries[first].Sequence <= _log.Last.Sequence)
            )
        )
            first++;
        if (first == entries.Length)
            return true;
        if (entries[first].Sequence <= _commit)
        {
            StartOver(entries[first].Sequence - 1, now, effects);
            return false;
        }

        if (entries[first].Sequence <= _log.Last.Sequence)
            TruncateAfter(entries[first].Sequence - 1, effects);
        for (var i = first; i < entries.Length; i++)
            Append(entries[i]);
        if (_options.Durable)
            effects.Add(new ReplicaEffect.Append(first == 0 ? entries : entries[first..]));
        return true;
    }

    /// <summary>
    /// An operator forced a primary that lacks what this replica knows as committed. This replica's data is then
    /// what was lost; it takes the new primary's whole map.
    /// </summary>
    /// <param name="shared">Beyond this, at the latest, the two logs part.</param>
    private void StartOver(long shared, Instant now, ICollection<ReplicaEffect> effects)
    {
        // A forced primary is alone in its view, so whoever is in sync agrees with its primary on all that is committed.
        // If it does not, one of the two logs was damaged unnoticed: what this one holds may be the only copy.
        Invariant.Holds(!_view!.Contains(_options.Self));
        effects.Add(new ReplicaEffect.Lost(_commit - shared));
        effects.Add(
            new ReplicaEffect.Noted(
                $"gives up entries up to {_log.Last} that the forced primary {_view!.Primary.Node} does not have"
            )
        );
        Restore(Snapshot.Empty, effects);
        Attach(now, effects);
    }

    private void AckWhatIsHeld(ICollection<ReplicaEffect> effects)
    {
        var held = Math.Min(_persisted.Sequence, _verified);
        if (_ackOwed == 0 || held < _ackOwed || !IsFollowing)
            return;
        _ackOwed = 0;
        effects.Add(new ReplicaEffect.Send(_view!.Primary.Node, new ReplicaMessage.Ack(Epoch, _options.Self, held)));
    }

    private void OnSnapshotPart(ReplicaMessage.SnapshotPart part, Instant now, ICollection<ReplicaEffect> effects)
    {
        // A late copy of a snapshot whose place is taken already: installing it again would take back what came behind
        // it and was acknowledged.
        if (part.At.Sequence <= Math.Max(_commit, _verified) && _log.Agrees(part.At))
        {
            Attach(now, effects);
            return;
        }

        if (part.Index == 0 && _incoming?.At != part.At)
            _incoming = new IncomingSnapshot(part.At);
        if (_incoming is null || _incoming.At != part.At || part.Index > _incoming.NextIndex)
        {
            Attach(now, effects);
            return;
        }

        SuppliedAt(now);
        var installs = part.Final && part.Index == _incoming.NextIndex;
        if (part.Index == _incoming.NextIndex)
        {
            _incoming.Entries.AddRange(part.Entries);
            _incoming.NextIndex++;
        }

        effects.Add(
            new ReplicaEffect.Send(
                _view!.Primary.Node,
                new ReplicaMessage.SnapshotAck(Epoch, _options.Self, part.At, part.Index)
            )
        );
        if (!installs)
            return;
        Restore(new Snapshot(part.At, part.Epochs, _incoming.Entries.ToImmutable(), part.Sessions), effects);
        _verified = part.At.Sequence;
        _ackOwed = part.At.Sequence;
        AckWhatIsHeld(effects);
    }

    private void Restore(Snapshot snapshot, ICollection<ReplicaEffect> effects)
    {
        _incoming = null;
        _log.Reset(snapshot.At, snapshot.Epochs);
        _map = new ReplicatedMap(snapshot.Entries);
        _sessions = new SessionTable(_options.SessionCapacity, snapshot.Sessions);
        _commit = snapshot.At.Sequence;
        _verified = 0;
        _toApply = 0;
        _ackOwed = 0;
        _persisted = _options.Durable ? Position.Zero : snapshot.At;
        if (_options.Durable)
            effects.Add(new ReplicaEffect.Install(snapshot));
    }
}

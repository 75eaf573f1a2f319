using System.Collections.Immutable;
using System.Diagnostics;
using Failover.Core.Store;
using Failover.Core.Views;

namespace Failover.Core.Replication;

/// <summary>
/// One replica of one partition: primary, standby, or on its way to either. Replicates in PacificA's way (Lin et al.
/// 2008: all in-sync replicas acknowledge, a register decides who is in sync) over a log that is matched in Raft's
/// way (Ongaro and Ousterhout 2014, §5.3, §5.4.2).
/// </summary>
/// <remarks>
/// Reads no clock and does no I/O: the owner passes the current instant in and carries out the effects in the order
/// they were added. Exactly one owner drives an instance. A primary acknowledges only while it holds its lease, so
/// that not even a forced promotion elsewhere lets two epochs acknowledge at once.
/// </remarks>
public sealed partial class Replica
{
    private readonly ReplicaOptions _options;
    private readonly ReplicatedLog _log;
    private ReplicatedMap _map;
    private SessionTable _sessions;

    private View? _view;
    private long _version;

    /// <summary>The newest epoch from before this process: its primary may have been this node, but not this process.</summary>
    private Epoch _bootEpoch;

    /// <summary>Sequence up to which entries are committed and applied.</summary>
    private long _commit;

    /// <summary>What the storage holds for certain.</summary>
    private Position _persisted;

    /// <summary>A message of an epoch whose view has not arrived yet; the two race each other on different connections.</summary>
    private ReplicaInput.Received? _early;

    /// <param name="options">Who this is.</param>
    /// <param name="recovered">What the storage had: a snapshot.</param>
    /// <param name="entries">And the entries behind it. Which of them are committed only a primary can tell.</param>
    public Replica(ReplicaOptions options, Snapshot recovered, IEnumerable<LogEntry> entries)
    {
        _options = options;
        _log = new ReplicatedLog(recovered.At, recovered.Epochs);
        _map = new ReplicatedMap(recovered.Entries);
        _sessions = new SessionTable(options.SessionCapacity, recovered.Sessions);
        foreach (var entry in entries)
            _log.Append(entry);
        _commit = recovered.At.Sequence;
        _persisted = _log.Last;
    }

    public ReplicaRole Role { get; private set; } = ReplicaRole.Starting;

    /// <summary>The newest epoch this replica has heard of.</summary>
    public Epoch Epoch => _view?.Epoch ?? default;

    /// <summary>The view this replica acts on; null before it heard of one.</summary>
    public View? View => _view;

    /// <summary>The last entry held, committed or not.</summary>
    public Position Last => _log.Last;

    /// <summary>Sequence up to which entries are committed and applied here.</summary>
    public long Commit => _commit;

    public string? Trouble { get; private set; }

    /// <summary>Whether this replica is the primary and may acknowledge, but for its lease.</summary>
    public bool Serves => Role is ReplicaRole.Primary;

    /// <summary>How many keys the committed map has here.</summary>
    public int Count => _map.Count;

    /// <summary>Bytes of the committed map's keys and values, roughly.</summary>
    public long Bytes => _map.Bytes;

    /// <summary>One key as this replica has it. It may be behind the primary's.</summary>
    public StoredValue? Find(string key) => _map.Find(key);

    /// <summary>The committed map as this replica has it. It may be behind the primary's.</summary>
    public ImmutableDictionary<string, StoredValue> Committed => _map.Snapshot();

    /// <summary>What the entries committed here add up to.</summary>
    public Snapshot TakeSnapshot()
    {
        var at = _log.PositionAt(_commit);
        return new Snapshot(at, [.. _log.Epochs.Where(e => e.First <= _commit)], _map.Snapshot(), _sessions.Snapshot());
    }

    /// <summary>When <see cref="Step"/> must next be called with <see cref="ReplicaInput.DeadlineReached"/>.</summary>
    public Instant? NextDeadline => IsLeading ? LeaderDeadline() : _attachAgainAt;

    private bool IsFollowing => Role is ReplicaRole.Joining or ReplicaRole.Standby;

    private bool IsLeading => Role is ReplicaRole.Promoting or ReplicaRole.Primary or ReplicaRole.Draining;

    public void Step(ReplicaInput input, Instant now, ICollection<ReplicaEffect> effects)
    {
        switch (input)
        {
            case ReplicaInput.FormationRead read:
                OnFormationRead(read, now, effects);
                break;
            case ReplicaInput.ViewCommitted committed:
                OnViewCommitted(committed, now, effects);
                break;
            case ReplicaInput.Write write:
                OnWrite(write, effects);
                break;
            case ReplicaInput.Read or ReplicaInput.ReadAll:
                OnRead(input, now, effects);
                break;
            case ReplicaInput.Flush:
                OnFlush(now, effects);
                break;
            case ReplicaInput.Received received:
                OnReceived(received, now, effects);
                break;
            case ReplicaInput.Persisted persisted:
                OnPersisted(persisted.Through, now, effects);
                break;
            case ReplicaInput.StorageFailed failed:
                OnStorageFailed(failed.Reason, effects);
                break;
            case ReplicaInput.LeaseChanged lease:
                OnLeaseChanged(lease, now, effects);
                break;
            case ReplicaInput.ProposalEnded ended:
                OnProposalEnded(ended, now, effects);
                break;
            case ReplicaInput.ProcessGone gone:
                OnProcessGone(gone.Node, now, effects);
                break;
            case ReplicaInput.Switchover switchover:
                OnSwitchover(switchover, now, effects);
                break;
            case ReplicaInput.DeadlineReached:
                OnDeadline(now, effects);
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        Invariant.Holds(_commit <= _log.Last.Sequence);
        Invariant.Holds(_commit >= _log.Start.Sequence);
        Invariant.Holds(_persisted.Sequence <= _log.Last.Sequence);
        Invariant.Holds(!IsLeading || _view?.Primary == _options.Self);
    }

    private void OnFormationRead(ReplicaInput.FormationRead read, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (Role != ReplicaRole.Starting)
            return;
        _view = read.View;
        _version = read.Version;
        _bootEpoch = Epoch;
        if (_view is null)
            Become(ReplicaRole.Joining, effects);
        else if (_view.Primary == _options.Self)
            Become(ReplicaRole.Candidate, effects);
        else
            Follow(now, effects);
    }

    private void OnViewCommitted(ReplicaInput.ViewCommitted committed, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (Role is ReplicaRole.Starting or ReplicaRole.Failed || committed.Version <= _version)
            return;
        var previous = _view;
        _view = committed.View;
        _version = committed.Version;
        if (previous is null || previous.Epoch < _view.Epoch)
            EnterEpoch(now, effects);
        else if (IsLeading)
            OnInSyncChanged(now, effects);
        else if (IsFollowing)
            OnFollowerViewChanged(now, effects);
    }

    private void EnterEpoch(Instant now, ICollection<ReplicaEffect> effects)
    {
        Invariant.Holds(_view!.Epoch > _bootEpoch);
        MeasureHandOver(now);
        StepDown(effects);
        EndHandOver(_view, effects);
        if (_view.Primary == _options.Self)
            Lead(now, effects);
        else
            Follow(now, effects);
        if (_early is not { } early)
            return;
        _early = null;
        if (early.Message.Epoch == Epoch)
            OnReceived(early, now, effects);
    }

    private void OnReceived(ReplicaInput.Received received, Instant now, ICollection<ReplicaEffect> effects)
    {
        if (Role is ReplicaRole.Starting or ReplicaRole.Failed)
            return;
        if (received.Message.Epoch > Epoch)
        {
            OnNewerEpoch(received, effects);
            return;
        }

        if (received.Message.Epoch < Epoch && !Mutant.NoFencing)
        {
            // The data path fences: whoever still acts in an older epoch learns it from the refusal.
            if (received.Message is ReplicaMessage.Replicate or ReplicaMessage.SnapshotPart)
                effects.Add(new ReplicaEffect.Send(received.From, new ReplicaMessage.Fenced(Epoch, _options.Self)));
            return;
        }

        switch (received.Message)
        {
            case ReplicaMessage.Replicate replicate when IsFollowing:
                OnReplicate(replicate, now, effects);
                break;
            case ReplicaMessage.SnapshotPart part when IsFollowing:
                OnSnapshotPart(part, now, effects);
                break;
            case ReplicaMessage.Ack ack when IsLeading:
                OnAck(ack, now, effects);
                break;
            case ReplicaMessage.Attach attach when IsLeading:
                OnAttach(attach, now, effects);
                break;
            case ReplicaMessage.SnapshotAck ack when IsLeading:
                OnSnapshotAck(ack, now, effects);
                break;
            default:
                break; // Meant for a role this replica had a moment ago.
        }
    }

    private void OnNewerEpoch(ReplicaInput.Received received, ICollection<ReplicaEffect> effects)
    {
        if (received.Message is not ReplicaMessage.Fenced)
            _early = received;
        if (!IsLeading)
            return;
        // Somebody acts in a newer epoch: whatever this primary would still acknowledge could be lost. Who has handed over
        // knows as much, and waits for the view: the new primary's word may come before it.
        if (_handOver is not { Released: true })
        {
            effects.Add(new ReplicaEffect.Noted($"fenced by epoch {received.Message.Epoch}: no longer primary"));
            AbandonHandOver($"fenced by epoch {received.Message.Epoch}", effects);
        }

        StepDown(effects);
        Become(ReplicaRole.Joining, effects);
    }

    private void OnPersisted(Position through, Instant now, ICollection<ReplicaEffect> effects)
    {
        // An answer about entries that were cut meanwhile says nothing about those that took their places.
        if (Role == ReplicaRole.Failed || through <= _persisted || !_log.Agrees(through))
            return;
        _persisted = through;
        if (IsLeading)
        {
            TryCommit(now, effects);
            TryHandOver(now, effects);
        }
        else
        {
            AckWhatIsHeld(effects);
        }
    }

    private void OnStorageFailed(string reason, ICollection<ReplicaEffect> effects)
    {
        if (Role == ReplicaRole.Failed)
            return;
        var led = IsLeading;
        Trouble = reason;
        StepDown(effects);
        AbandonHandOver(reason, effects);
        if (led)
            effects.Add(new ReplicaEffect.ReleaseLease(Epoch));
        effects.Add(new ReplicaEffect.Noted($"gives up its role: {reason}"));
        Become(ReplicaRole.Failed, effects);
    }

    private void OnDeadline(Instant now, ICollection<ReplicaEffect> effects)
    {
        if (IsLeading)
            OnLeaderDeadline(now, effects);
        else if (_attachAgainAt <= now)
            Attach(now, effects);
    }

    private void Become(ReplicaRole role, ICollection<ReplicaEffect> effects)
    {
        if (role is not (ReplicaRole.Joining or ReplicaRole.Standby))
            _attachAgainAt = null;
        Role = role;
        effects.Add(new ReplicaEffect.Became(role, Epoch));
    }

    private void Append(LogEntry entry)
    {
        _log.Append(entry);
        if (!_options.Durable)
            _persisted = _log.Last;
    }

    private void TruncateAfter(long sequence, ICollection<ReplicaEffect> effects)
    {
        Invariant.Holds(sequence >= _commit);
        _log.TruncateAfter(sequence);
        if (_persisted.Sequence > sequence)
            _persisted = _log.Last;
        if (_options.Durable)
            effects.Add(new ReplicaEffect.TruncateAfter(sequence));
    }

    /// <summary>
    /// Applies committed entries, but not so many in one step that this replica would seem to hang: a restart may find
    /// millions. The rest follows behind whatever is queued by then.
    /// </summary>
    private void ApplySome(long through, Action<LogEntry, CommandResult>? applied, ICollection<ReplicaEffect> effects)
    {
        ApplyThrough(Math.Min(through, _commit + _options.ApplyAtOnce), applied);
        if (_commit < through)
            ScheduleFlush(effects);
    }

    /// <summary>Applies committed entries and lets go of those that nobody needs entry by entry any more.</summary>
    private void ApplyThrough(long sequence, Action<LogEntry, CommandResult>? applied)
    {
        while (_commit < sequence)
        {
            var entry = _log[_commit + 1];
            var result = entry.Session is { } stamp
                ? ApplyOnce(entry, stamp)
                : _map.Apply(entry.Command, entry.Sequence);
            _commit = entry.Sequence;
            Applied(entry);
            applied?.Invoke(entry, result);
        }

        DropWhatNobodyNeeds();
    }

    private void DropWhatNobodyNeeds()
    {
        var unneeded = Math.Min(_persisted.Sequence, NeededByNobodyThrough());
        var droppable = Math.Min(_commit - _options.RetainedEntries, unneeded);
        if (droppable > _log.Start.Sequence + _options.RetainedEntries)
            _log.DropThrough(droppable);
        else if (_log.Bytes > 2 * _options.RetainedBytes)
            _log.DropThrough(Math.Min((_log.Start.Sequence + _commit) / 2, unneeded));
    }

    /// <summary>
    /// A replica that catches up while writes go on would be outrun: what comes behind its snapshot would be gone before the
    /// snapshot is there, and it would need another one, for ever. Memory bounds how long it is waited for.
    /// </summary>
    private long NeededByNobodyThrough()
    {
        if (_log.Bytes > 4 * _options.RetainedBytes)
            return long.MaxValue;
        var through = long.MaxValue;
        foreach (var follower in _followers.Values)
        {
            if (follower is { GivenUp: false, Superseded: false })
                through = Math.Min(through, follower.NeedsNothingThrough);
        }

        return through;
    }

    /// <summary>Lets the simulator see each entry before it is let go of; compiled away elsewhere.</summary>
    partial void Applied(LogEntry entry);

    private CommandResult ApplyOnce(LogEntry entry, SessionStamp stamp)
    {
        if (_sessions.Find(stamp) is { } first && !Mutant.ForgetSession)
            return first;
        var result = _map.Apply(entry.Command, entry.Sequence);
        _sessions.Record(stamp, result, entry.Position);
        return result;
    }
}

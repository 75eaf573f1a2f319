using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Simulation.Checks;

namespace Failover.Simulation.Machines;

/// <summary>What a DataActor does: drives one replica, carries its effects out, and keeps its lease.</summary>
internal sealed class PartitionShell
{
    private const int CheckpointEvery = 20;

    private readonly World _world;
    private readonly Process _process;
    private readonly Machine _machine;
    private readonly SimulatedLog _log;
    private readonly LeaseHold _hold;
    private readonly Alarm _alarm;
    private readonly Queue<ReplicaInput> _inputs = new();
    private readonly Dictionary<RequestToken, (ReplicaInput Request, Action<RequestOutcome> Answered)> _requests = [];
    private bool _stepping;
    private Epoch _claimed;

    /// <summary>What the heartbeat has published, and what of it the replica has taken.</summary>
    private ReplicaInput.LeaseChanged _lease = new(default, null);
    private ReplicaInput.LeaseChanged? _taken;
    private bool _released;
    private long _lastToken;
    private Instant? _hungSince;

    public PartitionShell(World world, Process process, PartitionId id, SimulatedLog log)
    {
        (_world, _process, _machine, _log, Id) = (world, process, process.Machine, log, id);
        _hold = new LeaseHold(process.Leases);
        _alarm = new Alarm(world, _machine, () => Step(ReplicaInput.DeadlineReached.Instance));
        Self = new ReplicaId(_machine.Name, log.Data);
        Replica = new Replica(
            new ReplicaOptions
            {
                Self = Self,
                Partition = id,
                Durable = world.Scenario.Durable,
                RetainedEntries = world.Scenario.RetainedEntries,
                BatchEntries = world.Scenario.BatchEntries,
                BatchBytes = world.Scenario.BatchEntries == 3 ? 200 : 1 << 20,
                ApplyAtOnce = world.Scenario.BatchEntries == 3 ? 2 : 10_000,
                MinInSync = world.Scenario.MinInSync,
                SessionCapacity = world.Scenario.SessionCapacity,
            },
            log.Snapshot,
            log.Entries
        );
        SeenCommit = Replica.Commit;
    }

    public PartitionId Id { get; }

    public ReplicaId Self { get; }

    public Replica Replica { get; private set; }

    public SimulatedLog Disk => _log;

    /// <summary>Up to where the checks have followed this replica.</summary>
    public long SeenCommit { get; set; }

    private PartitionLedger Ledger => _world.Ledgers[Id.Value];

    public ReplicaReport Report() =>
        new(
            Id,
            Self,
            Replica.Role,
            Replica.Epoch,
            Replica.Last,
            Replica.Commit,
            _released,
            _hungSince is { } since ? _process.Now - since : TimeSpan.Zero,
            Replica.Trouble
        );

    /// <summary>What is claimed in the heartbeat that is sent now. Whoever sends a release forgets the grants in the same step.</summary>
    public LeaseClaim? Claim(ReplicaReport report)
    {
        if (!report.Claims(_process.HungAfter) && !report.Released)
            return null;
        var gives = report.Released || _hold.Rests(Voters, _process.Now);
        if (gives)
        {
            _hold.Release(_process.Now);
            PublishLease();
        }

        return new LeaseClaim(Id, report.Epoch, gives);
    }

    private Electorate Voters => _process.Known?.Electorate ?? _world.Voters;

    private Electorate _told;

    public void VotersMayHaveChanged()
    {
        if (_told.Voters.IsDefault || !_told.All.SequenceEqual(Voters.All))
            PublishLease();
        _told = Voters;
    }

    public void Ask(Func<RequestToken, ReplicaInput> request, Action<RequestOutcome> answered)
    {
        var token = new RequestToken(++_lastToken);
        var input = request(token);
        _requests.Add(token, (input, answered));
        Step(input);
    }

    public void Granted(NodeId voter, Epoch epoch, Instant sentAt)
    {
        _hold.Granted(voter, epoch, sentAt);
        PublishLease();
    }

    public void Forget(NodeId voter)
    {
        _hold.Forget(voter);
        PublishLease();
    }

    /// <summary>Wakes nobody but a replica that waits for it: every other one looks before its next step.</summary>
    private void PublishLease()
    {
        _lease = new(_claimed, _hold.HeldUntil(Voters));
        if (Replica.WaitsForLease)
            Drain();
    }

    public void Hang(bool hangs)
    {
        _hungSince = hangs ? _process.Now : null;
        if (!hangs)
            Drain();
    }

    public void Step(ReplicaInput input)
    {
        _inputs.Enqueue(input);
        Drain();
    }

    private void Drain()
    {
        if (_stepping || _hungSince is not null)
            return;
        _stepping = true;
        TakeLease();
        while (_inputs.TryDequeue(out var next))
        {
            TakeLease();
            if (_world.Logs)
                _world.Log($"{Self.Node} p{Id} {next}");
            StepOne(next);
            while (Replica.WaitsForLease && _lease != _taken)
                TakeLease();
        }

        _stepping = false;
        _alarm.Rearm(Replica.NextDeadline);
    }

    private void TakeLease()
    {
        if (_lease == _taken)
            return;
        _taken = _lease;
        StepOne(_lease);
    }

    private void StepOne(ReplicaInput input)
    {
        List<ReplicaEffect> effects = [];
        Replica.InspectedApplied.Clear();
        Replica.Step(input, _process.Now, effects);
        _world.Trace(Replica.Last.Sequence, Replica.Commit);
        Ledger.Observe(this, effects);
        foreach (var effect in effects)
            Perform(effect);
    }

    private void Perform(ReplicaEffect effect)
    {
        switch (effect)
        {
            case ReplicaEffect.Append or ReplicaEffect.TruncateAfter or ReplicaEffect.Install:
                _log.Enqueue(effect);
                Sync();
                break;
            case ReplicaEffect.Send send:
                var from = Self.Node;
                _world.Send(
                    _machine,
                    _world.MachineOf(send.To),
                    p => p.OnReplicaMessage(Id, new ReplicaInput.Received(from, send.Message))
                );
                break;
            case ReplicaEffect.Answer answer:
                if (!_requests.Remove(answer.Token, out var request))
                    throw new Violation("one answer per request", $"{answer} at {Self.Node}");
                Ledger.Answered(this, request.Request, answer.Outcome);
                request.Answered(answer.Outcome);
                break;
            case ReplicaEffect.Propose propose:
                _process.Propose(
                    propose.Change,
                    TimeSpan.FromSeconds(2),
                    outcome => Step(new ReplicaInput.ProposalEnded(propose.Change, outcome))
                );
                break;
            case ReplicaEffect.ScheduleFlush:
                _world.For(
                    _machine,
                    _world.Now + TimeSpan.FromMicroseconds(20),
                    () => Step(ReplicaInput.Flush.Instance)
                );
                break;
            case ReplicaEffect.Became became:
                OnBecame(became);
                break;
            case ReplicaEffect.ReleaseLease release:
                OnRelease(release.Epoch);
                break;
            case ReplicaEffect.Serving:
            case ReplicaEffect.Noted:
                break;
        }

        if (_world.Logs && effect is ReplicaEffect.Became or ReplicaEffect.Noted or ReplicaEffect.Answer)
            _world.Log($"    {Self.Node} p{Id} {effect}");
    }

    private void OnBecame(ReplicaEffect.Became became)
    {
        _released = false;
        var leads = became.Role is ReplicaRole.Promoting or ReplicaRole.Primary or ReplicaRole.Draining;
        if (leads && _claimed != became.Epoch)
        {
            _claimed = became.Epoch;
            _hold.Begin(became.Epoch);
            PublishLease();
        }

        _process.TellAll();
    }

    private void OnRelease(Epoch epoch)
    {
        _released = epoch == _claimed;
        _hold.Release(_process.Now);
        PublishLease();
        _process.TellAll();
    }

    private void Sync()
    {
        if (_log.Syncing || !_log.HasPending || _log.Failing)
            return;
        var operations = _log.BeginSync();
        _world.For(
            _machine,
            _world.Now + (_world.Scenario.DiskLatency * _world.Random.Between(0.5, 1.5)) + _world.SlowDisk(_machine),
            () =>
            {
                if (_log.Failing)
                    return;
                var safe = _log.EndSync(operations);
                Step(new ReplicaInput.Persisted(safe));
                if (Replica.Commit >= _log.Snapshot.At.Sequence + CheckpointEvery)
                    _log.Checkpoint(Replica.TakeSnapshot());
                Sync();
            }
        );
    }

    public void FailDisk()
    {
        _log.Failing = true;
        Step(new ReplicaInput.StorageFailed("no space left on device"));
    }
}

using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using Failover.Simulation.Machines;

namespace Failover.Simulation.Checks;

/// <summary>
/// What one partition has committed, as an outsider sees it: the first replica to commit a sequence fixes it, and all
/// that follows is held against that.
/// </summary>
internal sealed partial class PartitionLedger(World world, PartitionId partition)
{
    private readonly List<LogEntry> _committed = [];
    private readonly Reference _reference = new(world.Scenario.SessionCapacity);

    /// <summary>Whatever any replica ever took as committed, also while it was cut off from a forced promotion.</summary>
    private readonly Dictionary<Position, LogEntry> _everCommitted = [];
    private readonly Dictionary<Epoch, (View View, TimeSpan ChosenAt)> _views = [];

    /// <summary>Acknowledged writes and where they stand.</summary>
    private readonly Dictionary<Command, long> _acknowledged = new(ReferenceEqualityComparer.Instance);
    private View? _newest;
    private Epoch _newestAcknowledged;
    private long _lastAcknowledged;

    /// <summary>An operator accepted data loss, and the replica he chose has not led yet: its log says what was lost.</summary>
    private Epoch _forced;
    private bool _reconciled = true;

    public PartitionId Partition => partition;

    /// <summary>Whether a forced failover lost committed entries, as documented.</summary>
    public bool LostByForce { get; private set; }

    public long Count => _committed.Count;

    public View? NewestView => _newest;

    public ImmutableDictionary<string, StoredValue> Map => _reference.At(Count);

    public void ViewChosen(View view, View? previous, ImmutableArray<HistoryEvent> history)
    {
        if (previous == view)
            return;
        if (previous is not null && view.Epoch < previous.Epoch)
            throw new Violation("epochs grow", $"{view} after {previous}");
        if (previous?.Epoch == view.Epoch && previous.Primary != view.Primary)
            throw new Violation("one primary per epoch", $"{view} after {previous}");
        if (!view.Contains(view.Primary))
            throw new Violation("a primary is in sync", $"{view}");
        _newest = view;
        _views[view.Epoch] = (view, previous?.Epoch == view.Epoch ? _views[view.Epoch].ChosenAt : world.Now);
        if (
            history.Any(h =>
                h.Kind == DecisionKind.Forced
                && h.Partition == partition
                && h.Epoch > (previous?.Epoch ?? default)
                && h.Epoch <= view.Epoch
            )
        )
        {
            _forced = view.Epoch;
            _reconciled = false;
        }

        if (_reconciled)
            InSyncHoldsCommitted(view);
    }

    /// <summary>Looks at a replica after each of its steps, before anything that follows from the step is carried out.</summary>
    public void Observe(PartitionShell shell, List<ReplicaEffect> effects)
    {
        var replica = shell.Replica;
        if (replica.Role is ReplicaRole.Starting)
            return;
        foreach (var entry in replica.InspectedApplied)
            _everCommitted.TryAdd(entry.Position, entry);
        if (!_reconciled && replica.Epoch >= _forced && replica.Role is ReplicaRole.Promoting or ReplicaRole.Primary)
            Reconcile(replica);
        if (replica.Epoch < _forced)
        {
            // Cut off from a forced promotion: what it commits counts no more, and it must not acknowledge it.
            shell.SeenCommit = replica.Commit;
            return;
        }

        var before = Count;
        if (replica.Commit != shell.SeenCommit)
            Follow(shell, replica);
        foreach (var effect in effects)
        {
            // One that was deposed meanwhile may not know it yet; it cannot answer anybody.
            if (effect is ReplicaEffect.Serving && replica.Epoch == _newest?.Epoch && replica.Commit < before)
                throw new Violation(
                    "acknowledged writes survive",
                    $"{shell.Self} serves in {replica.Epoch} with {replica.Commit} of {before} committed entries"
                );
        }

        if (Count > before && _newest is not null && _reconciled)
            InSyncHoldsCommitted(_newest);
    }

    private void Follow(PartitionShell shell, Replica replica)
    {
        if (replica.Commit < shell.SeenCommit)
        {
            if (_forced == default)
                throw new Violation("commits never go back", $"{shell.Self}: {shell.SeenCommit} to {replica.Commit}");
            shell.SeenCommit = Math.Min(replica.Commit, Count);
        }

        var next = replica.Commit - replica.InspectedApplied.Count;
        if (next > shell.SeenCommit)
            SnapshotTaken(shell, next);
        foreach (var entry in replica.InspectedApplied)
            Agree(shell, entry);
        shell.SeenCommit = replica.Commit;
    }

    private void Agree(PartitionShell shell, LogEntry entry)
    {
        if (entry.Sequence <= Count)
        {
            var known = _committed[(int)entry.Sequence - 1];
            if (!ReferenceEquals(known, entry) && known != entry)
                throw new Violation(
                    "committed prefixes agree",
                    $"{shell.Self} committed {entry.Position} where {known.Position} was committed"
                );
            return;
        }

        if (entry.Sequence != Count + 1)
            throw new Violation("committed prefixes agree", $"{shell.Self} committed {entry.Position} behind {Count}");
        if (shell.Replica.Role is not (ReplicaRole.Promoting or ReplicaRole.Primary or ReplicaRole.Draining))
            throw new Violation("only a primary commits", $"{shell.Self} committed {entry.Position} first");
        _committed.Add(entry);
        _reference.Apply(entry);
    }

    private void SnapshotTaken(PartitionShell shell, long at)
    {
        if (at > Count)
            throw new Violation("committed prefixes agree", $"{shell.Self} skipped to {at}, known are {Count}");
        if (shell.Replica.InspectedApplied.Count == 0)
            SameMap(shell);
    }

    /// <summary>The map a replica shows is what its committed entries add up to.</summary>
    public void SameMap(PartitionShell shell)
    {
        var expected = _reference.At(shell.Replica.Commit);
        var actual = shell.Replica.Committed;
        if (expected.Count != actual.Count || expected.Any(e => !actual.TryGetValue(e.Key, out var v) || v != e.Value))
            throw new Violation("replicas hold the same map", $"{shell.Self} at {shell.Replica.Commit}");
    }

    /// <summary>Every replica that the register counts as in sync holds all that is committed, where it survives.</summary>
    private void InSyncHoldsCommitted(View view)
    {
        if (Count == 0)
            return;
        var last = _committed[^1].Position;
        foreach (var id in view.InSync)
        {
            var machine = world.MachineOf(id.Node);
            var log = machine.Logs[partition.Value];
            if (log.Data != id.Data)
                continue; // Its data is gone; the register will hear of it.
            var shell = machine.Process?.Partitions[partition.Value];
            var holds = world.Scenario.Durable
                ? log.Holds(last)
                : shell is null || shell.Replica.InspectedLog.Agrees(last);
            if (!holds)
                throw new Violation("in sync means holding all", $"{id} lacks {last}, in {view}");
        }
    }

    /// <summary>Whatever the forced primary does not have is what the operator accepted to lose.</summary>
    private void Reconcile(Replica replica)
    {
        _reconciled = true;
        var log = replica.InspectedLog;
        var kept = 0;
        while (kept < _committed.Count && log.Agrees(_committed[kept].Position))
            kept++;
        var had = replica.Commit - replica.InspectedApplied.Count;
        if (kept == _committed.Count && had <= kept)
            return;
        LostByForce = true;
        _committed.RemoveRange(kept, _committed.Count - kept);
        // An earlier forced failover may have lost what this replica still had: it is back now.
        for (var sequence = kept + 1; sequence <= had; sequence++)
            _committed.Add(_everCommitted[new Position(log.Epochs.Last(e => e.First <= sequence).Epoch, sequence)]);
        _reference.Reset(_committed);
        _lastAcknowledged = Math.Min(_lastAcknowledged, kept);
        foreach (var (command, sequence) in _acknowledged.ToArray())
        {
            if (sequence > kept)
                _acknowledged.Remove(command);
        }
    }
}

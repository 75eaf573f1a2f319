using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Simulation.Machines;

/// <summary>
/// One partition's log on a machine's disk. What was written but not synced may be lost with the process, wholly or
/// from some entry on; what was synced is never lost but by a wipe.
/// </summary>
internal sealed class SimulatedLog(DataId data)
{
    private readonly List<LogEntry> _entries = [];
    private readonly Queue<ReplicaEffect> _pending = new();
    private readonly Queue<Snapshot> _checkpoints = new();

    /// <summary>The identity of what is stored; another one after a wipe.</summary>
    public DataId Data => data;

    public Snapshot Snapshot { get; private set; } = Snapshot.Empty;

    /// <summary>What would be found if the process ended now and nothing more reached the disk.</summary>
    public IReadOnlyList<LogEntry> Entries => _entries;

    public Position Last => _entries.Count == 0 ? Snapshot.At : _entries[^1].Position;

    public bool HasPending => _pending.Count > 0;

    /// <summary>Whether a sync is under way.</summary>
    public bool Syncing { get; set; }

    /// <summary>Set when the disk gave up; it takes another process to try again.</summary>
    public bool Failing { get; set; }

    public bool Holds(Position position) =>
        position.Sequence <= Snapshot.At.Sequence
            ? position.Sequence == 0 || EpochOf(position.Sequence) == position.Epoch
            : position.Sequence - Snapshot.At.Sequence is var nth
                && nth <= _entries.Count
                && _entries[(int)nth - 1].Position == position;

    private Epoch? EpochOf(long sequence)
    {
        Epoch? epoch = null;
        foreach (var start in Snapshot.Epochs)
        {
            if (start.First <= sequence)
                epoch = start.Epoch;
        }

        return epoch;
    }

    public void Enqueue(ReplicaEffect operation) => _pending.Enqueue(operation);

    /// <summary>Replaces the entries up to the snapshot; runs beside the syncs and loses nothing if it does not happen.</summary>
    public void Checkpoint(Snapshot snapshot)
    {
        _checkpoints.Enqueue(snapshot);
        while (_checkpoints.TryPeek(out var next) && Holds(next.At) && next.At.Sequence <= Last.Sequence)
        {
            _checkpoints.Dequeue();
            if (next.At.Sequence <= Snapshot.At.Sequence)
                continue;
            _entries.RemoveRange(0, (int)(next.At.Sequence - Snapshot.At.Sequence));
            Snapshot = next;
        }
    }

    /// <summary>How many operations the sync that starts now will cover.</summary>
    public int BeginSync()
    {
        Syncing = true;
        return _pending.Count;
    }

    /// <returns>The last position that is safe now.</returns>
    public Position EndSync(int operations)
    {
        Syncing = false;
        for (var i = 0; i < operations; i++)
            Apply(_pending.Dequeue());
        return Last;
    }

    /// <summary>The process ended: some of what was not synced made it to the disk, in order, the last of it perhaps in part.</summary>
    public void Crash(SeededRandom random)
    {
        while (_pending.TryDequeue(out var operation) && random.Chance(0.5))
        {
            if (operation is ReplicaEffect.Append append && random.Chance(0.3))
            {
                Apply(new ReplicaEffect.Append(append.Entries[..random.Below(append.Entries.Length + 1)]));
                break;
            }

            Apply(operation);
        }

        _pending.Clear();
        _checkpoints.Clear();
        (Syncing, Failing) = (false, false);
    }

    private void Apply(ReplicaEffect operation)
    {
        switch (operation)
        {
            case ReplicaEffect.Append append:
                foreach (var entry in append.Entries)
                {
                    if (entry.Sequence != Last.Sequence + 1)
                        throw new Violation("log without gaps", $"entry {entry.Position} written behind {Last}");
                    _entries.Add(entry);
                }

                break;
            case ReplicaEffect.TruncateAfter truncate:
                if (truncate.Sequence < Snapshot.At.Sequence)
                    throw new Violation("no committed entry is cut", $"{truncate} behind {Snapshot.At}");
                var keep = (int)(truncate.Sequence - Snapshot.At.Sequence);
                if (keep < _entries.Count)
                    _entries.RemoveRange(keep, _entries.Count - keep);
                break;
            case ReplicaEffect.Install install:
                _entries.Clear();
                Snapshot = install.Snapshot;
                _checkpoints.Clear();
                break;
        }
    }
}

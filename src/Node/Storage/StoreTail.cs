using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

/// <summary>
/// The owner's side of a store: where the log will end, and which epoch each of its entries has. It lets nothing into
/// the queue that would leave a gap, because a gap on disk is found at the next start, when it is too late.
/// </summary>
internal sealed class StoreTail
{
    private readonly List<EpochStart> _epochs = [];
    private Position _floor;

    public StoreTail(Recovered recovered)
    {
        Position = _floor = recovered.Snapshot.At;
        Append(recovered.Entries);
    }

    public Position Position { get; private set; }

    public void Append(LogEntry entry)
    {
        RequireFollows(Position, entry.Position);
        Take(entry.Position);
    }

    /// <summary>Takes all or, when they do not follow each other, none.</summary>
    public void Append(ImmutableArray<LogEntry> entries)
    {
        var before = Position;
        foreach (var entry in entries)
        {
            RequireFollows(before, entry.Position);
            before = entry.Position;
        }
        foreach (var entry in entries)
            Take(entry.Position);
    }

    /// <returns>Whether there is anything behind <paramref name="sequence"/>.</returns>
    public bool TruncateAfter(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, _floor.Sequence);
        if (sequence >= Position.Sequence)
            return false;
        while (_epochs.Count > 0 && _epochs[^1].First > sequence)
            _epochs.RemoveAt(_epochs.Count - 1);
        Position =
            sequence == _floor.Sequence ? _floor
            : _epochs.Count > 0 ? new Position(_epochs[^1].Epoch, sequence)
            : throw new InvariantViolatedException($"no epoch is known for sequence {sequence} above {_floor}");
        return true;
    }

    public void Install(Position at)
    {
        _epochs.Clear();
        Position = _floor = at;
    }

    public void Checkpoint(Position at)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at.Sequence, Position.Sequence);
        ArgumentOutOfRangeException.ThrowIfLessThan(at.Sequence, _floor.Sequence);
        _floor = at;
    }

    private static void RequireFollows(Position before, Position next)
    {
        if (next.Sequence != before.Sequence + 1 || next.Epoch < before.Epoch)
            throw new ArgumentException($"Entry {next} does not follow {before}.");
    }

    private void Take(Position next)
    {
        if (next.Epoch > Position.Epoch || _epochs.Count == 0)
            _epochs.Add(new EpochStart(next.Epoch, next.Sequence));
        Position = next;
    }
}

using System.Collections.Immutable;

namespace Failover.Core.Replication;

/// <summary>
/// The entries a replica holds in memory, behind the snapshot that stands for all earlier ones. Entries can be cut
/// at the end (they diverged) and dropped at the front (a snapshot stands for them).
/// </summary>
internal sealed class ReplicatedLog
{
    private const int EpochsKept = 1_000;

    private readonly List<EpochStart> _epochs = [];
    private readonly List<LogEntry> _entries = [];
    private int _dropped;
    private long _bytes;

    public ReplicatedLog(Position start, ImmutableArray<EpochStart> epochs) => Reset(start, epochs);

    /// <summary>The position before the first entry held.</summary>
    public Position Start { get; private set; }

    public Position Last => Count == 0 ? Start : _entries[^1].Position;

    public long Bytes => _bytes;

    /// <summary>Which epochs the log has seen, oldest first; the very old ones are forgotten.</summary>
    public ImmutableArray<EpochStart> Epochs => [.. _epochs];

    private int Count => _entries.Count - _dropped;

    public void Append(LogEntry entry)
    {
        Invariant.Holds(entry.Sequence == Last.Sequence + 1);
        Invariant.Holds(entry.Position.Epoch >= Last.Epoch);
        if (_epochs.Count == 0 || _epochs[^1].Epoch < entry.Position.Epoch)
            _epochs.Add(new EpochStart(entry.Position.Epoch, entry.Sequence));
        _entries.Add(entry);
        _bytes += entry.Size;
    }

    /// <summary>The entry at a sequence the log holds.</summary>
    public LogEntry this[long sequence] => _entries[IndexOf(sequence)];

    public bool Holds(long sequence) => sequence > Start.Sequence && sequence <= Last.Sequence;

    /// <summary>
    /// Whether this very position is, or was, in the log: a dropped entry's epoch is still known, and an epoch has
    /// one writer, so epoch and sequence name one entry.
    /// </summary>
    public bool Agrees(Position position) =>
        position.Sequence == 0
            ? position == Position.Zero
            : position.Sequence <= Last.Sequence && EpochAt(position.Sequence) == position.Epoch;

    private Epoch? EpochAt(long sequence)
    {
        for (var i = _epochs.Count - 1; i >= 0; i--)
        {
            if (_epochs[i].First <= sequence)
                return _epochs[i].Epoch;
        }

        return null;
    }

    public Position PositionAt(long sequence) => sequence == Start.Sequence ? Start : this[sequence].Position;

    /// <summary>Entries from <paramref name="first"/> on, as many as fit the limits but at least one.</summary>
    public ImmutableArray<LogEntry> Slice(long first, int maxEntries, int maxBytes)
    {
        var from = IndexOf(first);
        var to = from;
        var bytes = 0;
        while (to < _entries.Count && to - from < maxEntries && (to == from || bytes + _entries[to].Size <= maxBytes))
            bytes += _entries[to++].Size;
        var slice = ImmutableArray.CreateBuilder<LogEntry>(to - from);
        for (var i = from; i < to; i++)
            slice.Add(_entries[i]);
        return slice.MoveToImmutable();
    }

    /// <summary>Cuts everything behind <paramref name="sequence"/>.</summary>
    public void TruncateAfter(long sequence)
    {
        Invariant.Holds(sequence >= Start.Sequence);
        var keep = IndexOf(sequence + 1);
        for (var i = keep; i < _entries.Count; i++)
            _bytes -= _entries[i].Size;
        _entries.RemoveRange(keep, _entries.Count - keep);
        while (_epochs.Count > 0 && _epochs[^1].First > sequence)
            _epochs.RemoveAt(_epochs.Count - 1);
    }

    /// <summary>Forgets the entries up to <paramref name="sequence"/>: a snapshot stands for them.</summary>
    public void DropThrough(long sequence)
    {
        if (sequence <= Start.Sequence)
            return;
        var keep = IndexOf(sequence + 1);
        Start = this[sequence].Position;
        for (var i = _dropped; i < keep; i++)
        {
            _bytes -= _entries[i].Size;
            _entries[i] = null!; // Never read again; the list itself is compacted below, not on every drop.
        }

        _dropped = keep;
        if (_dropped > 4_096 && _dropped > _entries.Count / 2)
        {
            _entries.RemoveRange(0, _dropped);
            _dropped = 0;
        }

        if (_epochs.Count > EpochsKept)
            _epochs.RemoveRange(0, _epochs.Count - EpochsKept);
    }

    /// <summary>Holds nothing but what a snapshot stands for.</summary>
    public void Reset(Position start, ImmutableArray<EpochStart> epochs)
    {
        Start = start;
        _entries.Clear();
        _dropped = 0;
        _bytes = 0;
        _epochs.Clear();
        _epochs.AddRange(epochs);
    }

    /// <summary>The last position that this log and another one share (KIP-101's use of epochs; Raft §5.3).</summary>
    /// <param name="epochs">The other log's epochs.</param>
    /// <param name="last">The other log's last position.</param>
    /// <returns>Zero when they share nothing that both still know.</returns>
    public Position SharedWith(ImmutableArray<EpochStart> epochs, Position last)
    {
        for (var i = epochs.Length - 1; i >= 0; i--)
        {
            var theirs = epochs[i];
            var theirEnd = i + 1 < epochs.Length ? epochs[i + 1].First - 1 : last.Sequence;
            if (EndOf(theirs.Epoch) is { } ourEnd)
                return new Position(theirs.Epoch, Math.Min(theirEnd, ourEnd));
        }

        return Position.Zero;
    }

    private long? EndOf(Epoch epoch)
    {
        for (var i = _epochs.Count - 1; i >= 0; i--)
        {
            if (_epochs[i].Epoch == epoch)
                return i + 1 < _epochs.Count ? _epochs[i + 1].First - 1 : Last.Sequence;
        }

        return null;
    }

    private int IndexOf(long sequence) => (int)(sequence - Start.Sequence - 1) + _dropped;
}

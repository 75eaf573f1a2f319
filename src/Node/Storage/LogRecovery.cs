using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

/// <summary>What the log's files hold, and where its end is.</summary>
/// <param name="Entries">Those after the snapshot, in order.</param>
/// <param name="Segments">The files that are still needed, oldest first; the last one is written on.</param>
/// <param name="NextFrame">The number of the next frame.</param>
/// <param name="Salt">The last segment's.</param>
/// <param name="Offset">Where in the last segment the next frame goes.</param>
/// <param name="Bytes">Of all frames read.</param>
/// <param name="TailCut">Where a torn last frame was found, which is to be wiped; null when the log ends cleanly.</param>
internal sealed record RecoveredLog(
    ImmutableArray<LogEntry> Entries,
    List<LogSegment> Segments,
    long NextFrame,
    uint Salt,
    long Offset,
    long Bytes,
    StorageProblem? TailCut
);

/// <summary>Reads a partition's log from its first needed frame to its end.</summary>
/// <remarks>
/// What ends the log is told apart as follows. A frame is written only after the sync of the one before. So a place
/// where no valid frame stands is
/// <list type="number">
/// <item>the clean end, when only zeros follow;</item>
/// <item>a torn write, when something follows but no later frame's header: it was never acknowledged and is cut;</item>
/// <item>damage, when a later frame's header or a later segment follows: acknowledged entries would be missing.</item>
/// </list>
/// Damage to exactly the last frame cannot be told from a torn write by anyone who sees this file alone.
/// </remarks>
internal sealed class LogRecovery
{
    private readonly IDisk _disk;
    private readonly DataId _data;
    private readonly Position _snapshotAt;
    private readonly ImmutableArray<LogEntry>.Builder _entries = ImmutableArray.CreateBuilder<LogEntry>();
    private readonly List<LogSegment> _segments = [];
    private readonly StringCache _clients = new();

    private byte[] _buffer = [];
    private long _nextFrame;
    private uint _salt;
    private long _offset;
    private long _bytes;
    private StorageProblem? _tailCut;

    private LogRecovery(IDisk disk, SnapshotHeader snapshot, Position snapshotAt)
    {
        _disk = disk;
        _data = snapshot.Data;
        _nextFrame = snapshot.FirstFrame;
        _snapshotAt = snapshotAt;
    }

    /// <param name="disk">Where the files are.</param>
    /// <param name="segments">The log's files, oldest first; those before the snapshot's first frame are not given.</param>
    /// <param name="snapshot">Of the snapshot that the log continues.</param>
    /// <param name="snapshotAt">The last entry in it.</param>
    /// <exception cref="CorruptFileException">Entries that were acknowledged are missing or damaged.</exception>
    public static RecoveredLog Read(
        IDisk disk,
        IReadOnlyList<string> segments,
        SnapshotHeader snapshot,
        Position snapshotAt
    )
    {
        var recovery = new LogRecovery(disk, snapshot, snapshotAt);
        foreach (var path in segments)
            recovery.ReadSegment(path);
        return new RecoveredLog(
            recovery._entries.DrainToImmutable(),
            recovery._segments,
            recovery._nextFrame,
            recovery._salt,
            recovery._offset,
            recovery._bytes,
            recovery._tailCut
        );
    }

    private void ReadSegment(string path)
    {
        if (_tailCut is { } torn)
            throw new CorruptFileException(
                torn.Path,
                torn.Offset,
                $"{torn.What}, but {Path.GetFileName(path)} follows"
            );
        var bytes = Load(path);
        ReadHeader(path, bytes);
        var segment = new LogSegment(path, _nextFrame);
        _segments.Add(segment);

        var at = SegmentHeader.Bytes;
        while (FrameHeader.TryRead(From(bytes, at), _salt, out var frame) && frame.Number == _nextFrame)
        {
            if (frame.Length > bytes.Length - at - FrameHeader.Bytes)
                break;
            var content = bytes.Slice(at + FrameHeader.Bytes, frame.Length);
            if (Checksum.Of(content) != frame.ContentChecksum)
                break;
            ReadFrame(segment, content, at + FrameHeader.Bytes);
            at += frame.BytesOnDisk;
            _bytes += frame.BytesOnDisk;
            _nextFrame++;
        }
        _offset = at;
        JudgeEnd(path, bytes, at);
    }

    private void ReadHeader(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var header = SegmentHeader.Read(bytes);
            if (header.Data != _data)
                throw new InvalidDataException($"belongs to other data ({header.Data}, not {_data})");
            if (header.FirstFrame != _nextFrame || StoreFiles.SegmentNumber(path) != _nextFrame)
                throw new InvalidDataException($"begins with frame {header.FirstFrame} where {_nextFrame} must follow");
            _salt = header.Salt;
        }
        catch (InvalidDataException e)
        {
            throw new CorruptFileException(path, 0, e.Message);
        }
    }

    private void ReadFrame(LogSegment segment, ReadOnlySpan<byte> content, long offset)
    {
        var reader = new ByteReader(content);
        try
        {
            while (!reader.AtEnd)
            {
                if (EntryCodec.Read(ref reader, _clients, out var truncatedAfter) is { } entry)
                    Append(segment, entry);
                else
                    TruncateAfter(truncatedAfter);
            }
        }
        catch (InvalidDataException e)
        {
            throw new CorruptFileException(segment.Path, offset + reader.Offset, e.Message);
        }
    }

    private void Append(LogSegment segment, LogEntry entry)
    {
        segment.Contains(entry.Sequence);
        if (entry.Sequence <= _snapshotAt.Sequence)
            return;
        var expected = _snapshotAt.Sequence + _entries.Count + 1;
        if (entry.Sequence != expected)
            throw new InvalidDataException($"entry {entry.Position} where sequence {expected} must follow");
        _entries.Add(entry);
    }

    private void TruncateAfter(long sequence)
    {
        var kept = (int)Math.Max(0, sequence - _snapshotAt.Sequence);
        if (kept < _entries.Count)
            _entries.Count = kept;
    }

    private void JudgeEnd(string path, ReadOnlySpan<byte> bytes, int at)
    {
        if (From(bytes, at).IndexOfAnyExcept((byte)0) < 0)
            return;
        for (var next = at; next < bytes.Length; next += FrameHeader.Alignment)
        {
            if (FrameHeader.TryRead(bytes[next..], _salt, out var later) && later.Number > _nextFrame)
            {
                var what = $"frame {_nextFrame} is damaged, yet frame {later.Number} follows at offset {next}";
                throw new CorruptFileException(path, at, what);
            }
        }
        _tailCut = new StorageProblem(path, at, $"frame {_nextFrame} was cut short while it was written");
    }

    /// <summary>Nothing when the file was cut within the last frame's padding, which is no loss.</summary>
    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> bytes, int at) => at < bytes.Length ? bytes[at..] : [];

    private ReadOnlySpan<byte> Load(string path)
    {
        using var file = _disk.Open(path, DiskFileMode.Read);
        if (file.Length > Array.MaxLength)
            throw new CorruptFileException(path, 0, $"{file.Length} bytes are more than a segment can have");
        var length = (int)file.Length;
        if (_buffer.Length < length)
            _buffer = GC.AllocateUninitializedArray<byte>(length);
        return _buffer.AsSpan(0, file.ReadAll(_buffer.AsSpan(0, length), 0));
    }
}

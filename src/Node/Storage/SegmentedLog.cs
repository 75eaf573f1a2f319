using Failover.Core;
using Failover.Core.Replication;

namespace Failover.Node.Storage;

/// <summary>The growing end of a partition's log: records are collected, and become durable one group at a time.</summary>
/// <remarks>
/// One thread adds and commits. <see cref="DropBefore"/> may be called by another one meanwhile. After any exception the
/// end of the log on disk is unknown: nothing may be committed any more.
/// </remarks>
internal sealed class SegmentedLog : IDisposable
{
    /// <summary>
    /// How far zeros are written ahead of the frames. Reserved space that was never written is marked so in the file
    /// system's own records; the first write to it changes them, and then fdatasync waits for its journal as well.
    /// </summary>
    private const int ZeroedAheadBytes = 256 << 10;

    private static readonly byte[] _zeros = new byte[ZeroedAheadBytes];

    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly DataId _data;
    private readonly int _segmentBytes;
    private readonly ByteWriter _group = new(64 << 10);
    private readonly Lock _segmentsLock = new();
    private readonly List<LogSegment> _segments;

    private IDiskFile _file;
    private uint _salt;
    private long _offset;
    private long _length;
    private long _zeroedTo;
    private long _nextFrame;

    private long _groupLargest;

    private SegmentedLog(IDisk disk, string directory, DataId data, int segmentBytes, RecoveredLog end)
    {
        _disk = disk;
        _directory = directory;
        _data = data;
        _segmentBytes = segmentBytes;
        _segments = end.Segments;
        _nextFrame = end.NextFrame;
        _salt = end.Salt;
        _offset = end.Offset;
        _file = disk.Open(end.Segments[^1].Path, DiskFileMode.ReadWrite);
        _length = _file.Length;
    }

    /// <summary>Content bytes collected and not yet committed.</summary>
    public int PendingBytes => Math.Max(0, _group.Length - FrameHeader.Bytes);

    /// <summary>Bytes of all frames committed since this was opened.</summary>
    public long CommittedBytes { get; private set; }

    private LogSegment Active => _segments[^1];

    /// <summary>The first segment of a new data directory.</summary>
    public static RecoveredLog Create(IDisk disk, string directory, DataId data, int segmentBytes)
    {
        const long first = 1;
        var salt = NewSegment(disk, directory, data, first, segmentBytes);
        var segment = new LogSegment(StoreFiles.Segment(directory, first), first);
        return new RecoveredLog([], [segment], first, salt, SegmentHeader.Bytes, 0, null);
    }

    /// <summary>Goes on where the recovery ended.</summary>
    public static SegmentedLog Continue(IDisk disk, string directory, DataId data, int segmentBytes, RecoveredLog end)
    {
        var log = new SegmentedLog(disk, directory, data, segmentBytes, end);
        try
        {
            log.MakeEndDurable(end.TailCut is not null);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    public void Add(LogEntry entry)
    {
        BeginGroup();
        EntryCodec.Write(_group, entry);
        _groupLargest = Math.Max(_groupLargest, entry.Sequence);
    }

    public void AddTruncation(long sequence)
    {
        BeginGroup();
        EntryCodec.WriteTruncation(_group, sequence);
    }

    /// <summary>Writes what was collected as one frame; when this returns it survives a power failure.</summary>
    public void Commit()
    {
        if (_group.Length == 0)
            return;
        var frame = new FrameHeader(
            _group.Length - FrameHeader.Bytes,
            Checksum.Of(_group.Written[FrameHeader.Bytes..]),
            _nextFrame
        );
        if (_offset + frame.BytesOnDisk > _length)
            Roll(frame.BytesOnDisk);
        frame.Write(_group.Written, _salt);
        _group.WriteZeros(frame.BytesOnDisk - _group.Length);
        ZeroAheadOf(_offset + frame.BytesOnDisk);
        _file.WriteAll(_group.Written, _offset);
        _file.SyncData();

        _offset += frame.BytesOnDisk;
        _nextFrame++;
        CommittedBytes += frame.BytesOnDisk;
        lock (_segmentsLock)
            Active.Contains(_groupLargest);
        _group.Clear();
        _groupLargest = 0;
    }

    /// <summary>Begins a segment of its own for what follows, so that all before it can go.</summary>
    /// <returns>Its first frame.</returns>
    public long StartAfresh()
    {
        Invariant.Holds(_group.Length == 0);
        if (_nextFrame != Active.FirstFrame)
            Roll(0);
        return _nextFrame;
    }

    /// <summary>Which frames are still needed when a snapshot covers all entries up to <paramref name="sequence"/>.</summary>
    /// <returns>The first frame of the first segment that must stay.</returns>
    public long FirstNeededFrame(long sequence)
    {
        lock (_segmentsLock)
        {
            var needed = 0;
            while (needed < _segments.Count - 1 && _segments[needed].LargestSequence <= sequence)
                needed++;
            return _segments[needed].FirstFrame;
        }
    }

    /// <summary>Deletes the segments before <paramref name="firstFrame"/>: the snapshot on disk replaces them.</summary>
    public void DropBefore(long firstFrame)
    {
        while (true)
        {
            string path;
            lock (_segmentsLock)
            {
                if (_segments[0].FirstFrame >= firstFrame)
                    return;
                path = _segments[0].Path;
                _segments.RemoveAt(0);
            }
            // Not synced: a segment that comes back after a power failure is older than the snapshot says and goes again.
            _disk.Delete(path);
        }
    }

    public void Dispose() => _file.Dispose();

    private void BeginGroup()
    {
        if (_group.Length == 0)
            _group.WriteZeros(FrameHeader.Bytes);
    }

    private void ZeroAheadOf(long end)
    {
        if (end <= _zeroedTo)
            return;
        _zeroedTo = Math.Min(_length, end + ZeroedAheadBytes);
        _file.WriteAll(_zeros.AsSpan(0, (int)(_zeroedTo - end)), end);
    }

    private void Roll(int frameBytes)
    {
        var bytes = Math.Max(_segmentBytes, SegmentHeader.Bytes + frameBytes);
        if (_nextFrame == Active.FirstFrame)
        {
            // Still empty and yet too small for a giant frame: another one would have the same name.
            _file.Allocate(_length = bytes);
            return;
        }
        _salt = NewSegment(_disk, _directory, _data, _nextFrame, bytes);
        var segment = new LogSegment(StoreFiles.Segment(_directory, _nextFrame), _nextFrame);
        _file.Dispose();
        _file = _disk.Open(segment.Path, DiskFileMode.ReadWrite);
        _zeroedTo = _offset = SegmentHeader.Bytes;
        _length = bytes;
        lock (_segmentsLock)
            _segments.Add(segment);
    }

    /// <summary>
    /// The recovery may have read bytes that a killed process left in the kernel's memory only; they are claimed as
    /// persisted from now on, so they must be. A torn end is wiped, or its remains would one day follow a valid frame.
    /// </summary>
    private void MakeEndDurable(bool torn)
    {
        if (torn)
        {
            _file.SetLength(_offset);
            _file.SyncData();
        }
        var wanted = Math.Max(_segmentBytes, _offset);
        if (torn || _length < wanted)
            _file.Allocate(_length = wanted);
        _file.SyncData();
        _disk.SyncDirectory(_directory);
    }

    private static uint NewSegment(IDisk disk, string directory, DataId data, long firstFrame, int bytes)
    {
        // Only to differ from what the disk held here before; a generator for secrets would load OpenSSL, 6 MB of it.
        var salt = (uint)Random.Shared.NextInt64();
        var header = new SegmentHeader(data, firstFrame, salt);
        var path = StoreFiles.Segment(directory, firstFrame);
        Span<byte> headerBytes = stackalloc byte[SegmentHeader.Bytes];
        header.Write(headerBytes);

        // It gets its name only when it is whole: a segment with a bad header is damage, never a creation cut short.
        using (var file = disk.Open(path + StoreFiles.Unfinished, DiskFileMode.Create))
        {
            file.Allocate(bytes);
            file.WriteAll(headerBytes, 0);
            file.SyncData();
        }
        disk.Rename(path + StoreFiles.Unfinished, path);
        disk.SyncDirectory(directory);
        return header.Salt;
    }
}

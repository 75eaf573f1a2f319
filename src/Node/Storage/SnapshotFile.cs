using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;

namespace Failover.Node.Storage;

/// <summary>What a snapshot file says of itself.</summary>
/// <param name="Data">Whose data it is.</param>
/// <param name="Ordinal">Counts the snapshots of one data directory; the largest is the one that holds.</param>
/// <param name="FirstFrame">The log frames before this one are replaced by the snapshot, whatever they contain.</param>
internal readonly record struct SnapshotHeader(DataId Data, long Ordinal, long FirstFrame);

/// <summary>
/// A snapshot on disk: a magic number, then blocks of [length, CRC-32C, content], each checked by itself, so that neither
/// writing nor reading holds more than a block. Every block's checksum is seeded with its number: a block that is
/// missing or out of place is as bad as a damaged one. The last block counts what came before.
/// </summary>
internal static class SnapshotFile
{
    private const ulong Magic = 0x31504E5352564F46; // "FOVRSNP1"
    private const int PreambleBytes = 8;
    private const int BlockHeaderBytes = 8;
    private const int BlockBytes = 256 << 10;

    // Written back in small steps, a snapshot never leaves the disk a backlog that the log's next fdatasync waits for.
    private const int SyncEveryBytes = 8 << 20;

    private const byte HeaderBlock = 1;
    private const byte EpochBlock = 2;
    private const byte EntryBlock = 3;
    private const byte OldSessionBlock = 4;
    private const byte EndBlock = 5;
    private const byte SessionBlock = 6;

    /// <summary>Writes and syncs the file. Giving it its final name is the caller's affair.</summary>
    /// <exception cref="OperationCanceledException">It was no longer wanted.</exception>
    public static void Write(
        IDisk disk,
        string path,
        SnapshotHeader header,
        Snapshot snapshot,
        CancellationToken cancellation = default
    )
    {
        using var file = disk.Open(path, DiskFileMode.Create);
        var blocks = new BlockWriter(file, cancellation);
        blocks.Begin(HeaderBlock);
        blocks.Content.WriteGuid(header.Data.Value);
        blocks.Content.WriteVarint(header.Ordinal);
        blocks.Content.WriteVarint(header.FirstFrame);
        SnapshotCodec.WritePosition(blocks.Content, snapshot.At);

        foreach (var start in snapshot.Epochs)
        {
            blocks.Begin(EpochBlock);
            SnapshotCodec.WriteEpoch(blocks.Content, start);
        }
        foreach (var (key, value) in snapshot.Entries)
        {
            blocks.Begin(EntryBlock);
            SnapshotCodec.WriteEntry(blocks.Content, key, value);
        }
        foreach (var session in snapshot.Sessions)
        {
            blocks.Begin(SessionBlock);
            SnapshotCodec.WriteSession(blocks.Content, session);
        }

        blocks.Begin(EndBlock);
        blocks.Content.WriteVarint(snapshot.Epochs.Length);
        blocks.Content.WriteVarint(snapshot.Entries.Count);
        blocks.Content.WriteVarint(snapshot.Sessions.Length);
        blocks.Flush();
        file.SyncData();
    }

    /// <exception cref="CorruptFileException">Anything is not as it was written.</exception>
    public static (SnapshotHeader Header, Snapshot Snapshot) Read(IDisk disk, string path)
    {
        using var file = disk.Open(path, DiskFileMode.Read);
        var blocks = new BlockReader(file);
        var content = new Content();
        while (!content.Ended)
        {
            var at = blocks.Offset;
            try
            {
                content.Add(new ByteReader(blocks.Next()));
            }
            catch (InvalidDataException e)
            {
                throw new CorruptFileException(path, at, e.Message);
            }
        }
        return content.Complete(blocks);
    }

    private sealed class BlockWriter(IDiskFile file, CancellationToken cancellation)
    {
        private readonly ByteWriter _block = new(BlockHeaderBytes + BlockBytes + (BlockBytes / 4));
        private long _offset;
        private long _synced;
        private uint _number;
        private byte _kind;

        public ByteWriter Content => _block;

        /// <summary>What is written next belongs to a block of this kind.</summary>
        public void Begin(byte kind)
        {
            if (kind == _kind && _block.Length < BlockBytes)
                return;
            Flush();
            _kind = kind;
            _block.WriteZeros(BlockHeaderBytes);
            _block.WriteByte(kind);
        }

        public void Flush()
        {
            if (_block.Length == 0)
            {
                _block.WriteUInt64(Magic);
            }
            else
            {
                var content = _block.Written[BlockHeaderBytes..];
                BitConverter.TryWriteBytes(_block.Written, (uint)content.Length);
                BitConverter.TryWriteBytes(_block.Written[4..], Checksum.Of(content, _number++));
            }
            cancellation.ThrowIfCancellationRequested();
            file.WriteAll(_block.Written, _offset);
            _offset += _block.Length;
            _block.Clear();
            if (_offset - _synced < SyncEveryBytes)
                return;
            file.SyncData();
            _synced = _offset;
        }
    }

    private sealed class BlockReader(IDiskFile file)
    {
        private readonly long _length = file.Length;
        private byte[] _bytes = new byte[BlockBytes * 2];
        private uint _number;

        public long Offset { get; private set; }

        public bool AtEnd => Offset == _length;

        public string Path => file.Path;

        public ReadOnlySpan<byte> Next()
        {
            if (_number == 0)
            {
                if (new ByteReader(Take(PreambleBytes)).ReadUInt64() != Magic)
                    throw new InvalidDataException("does not begin as a snapshot does");
            }
            var header = new ByteReader(Take(BlockHeaderBytes));
            var length = header.ReadUInt32();
            var checksum = header.ReadUInt32();
            if (length == 0 || length > _length - Offset)
                throw new InvalidDataException($"a block of {length} bytes where {_length - Offset} are left");
            var content = Take((int)length);
            return Checksum.Of(content, _number++) == checksum
                ? content
                : throw new InvalidDataException($"checksum mismatch in block {_number - 1}");
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (_bytes.Length < count)
                _bytes = new byte[count];
            var taken = _bytes.AsSpan(0, count);
            if (file.ReadAll(taken, Offset) < count)
                throw new InvalidDataException("the file ends too early");
            Offset += count;
            return taken;
        }
    }

    private sealed class Content
    {
        private readonly ImmutableDictionary<string, StoredValue>.Builder _entries = ReplicatedMap.Empty.ToBuilder();
        private readonly ImmutableArray<EpochStart>.Builder _epochs = ImmutableArray.CreateBuilder<EpochStart>();
        private readonly ImmutableArray<SessionRecord>.Builder _sessions =
            ImmutableArray.CreateBuilder<SessionRecord>();
        private SnapshotHeader? _header;
        private Position _at;

        public bool Ended { get; private set; }

        public void Add(ByteReader block)
        {
            var kind = block.ReadByte();
            if (kind == HeaderBlock != _header is null)
                throw new InvalidDataException("the header is not the first block");
            switch (kind)
            {
                case HeaderBlock:
                    _header = new(new DataId(block.ReadGuid()), block.ReadVarint(), block.ReadVarint());
                    _at = SnapshotCodec.ReadPosition(ref block);
                    break;
                case EpochBlock:
                    while (!block.AtEnd)
                        _epochs.Add(SnapshotCodec.ReadEpoch(ref block));
                    break;
                case EntryBlock:
                    while (!block.AtEnd)
                        _entries.Add(SnapshotCodec.ReadEntry(ref block));
                    break;
                case SessionBlock or OldSessionBlock:
                    while (!block.AtEnd)
                        _sessions.Add(SnapshotCodec.ReadSession(ref block, hasPositions: kind == SessionBlock));
                    break;
                case EndBlock:
                    var (epochs, entries, sessions) = (block.ReadVarint(), block.ReadVarint(), block.ReadVarint());
                    if ((epochs, entries, sessions) != (_epochs.Count, _entries.Count, _sessions.Count))
                        throw new InvalidDataException("blocks are missing");
                    Ended = true;
                    break;
                default:
                    throw new InvalidDataException($"an unknown kind of block ({kind})");
            }
            if (!block.AtEnd)
                throw new InvalidDataException($"{block.Remaining} bytes too many in a block");
        }

        public (SnapshotHeader, Snapshot) Complete(BlockReader blocks)
        {
            if (!blocks.AtEnd || _header is not { } header)
                throw new CorruptFileException(blocks.Path, blocks.Offset, "bytes after the last block");
            return (
                header,
                new Snapshot(_at, _epochs.DrainToImmutable(), _entries.ToImmutable(), _sessions.DrainToImmutable())
            );
        }
    }
}

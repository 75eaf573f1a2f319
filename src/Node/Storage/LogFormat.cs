using System.Buffers.Binary;
using Failover.Core;

namespace Failover.Node.Storage;

/// <summary>The first bytes of every segment.</summary>
/// <param name="Data">Whose log it is part of: a file that strayed here from another life is refused.</param>
/// <param name="FirstFrame">The number of the first frame in it.</param>
/// <param name="Salt">
/// Random; seeds the checksums of the frame headers, so that no client can store a value that looks like a frame when
/// a damaged place is searched for what follows it.
/// </param>
internal readonly record struct SegmentHeader(DataId Data, long FirstFrame, uint Salt)
{
    public const int Bytes = 64;

    private const ulong Magic = 0x31474F4C52564F46; // "FOVRLOG1"
    private const int ChecksumAt = Bytes - 4;

    public void Write(Span<byte> into)
    {
        into = into[..Bytes];
        into.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(into, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], FirstFrame);
        BinaryPrimitives.WriteUInt32LittleEndian(into[16..], Salt);
        Data.Value.TryWriteBytes(into[24..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumAt..], Checksum.Of(into[..ChecksumAt]));
    }

    /// <exception cref="InvalidDataException">The bytes are no such header.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Bytes)
            throw new InvalidDataException($"ends within its {Bytes}-byte header");
        bytes = bytes[..Bytes];
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            throw new InvalidDataException("does not begin as a log segment does");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Checksum.Of(bytes[..ChecksumAt]))
            throw new InvalidDataException("checksum mismatch in the segment's header");
        return new SegmentHeader(
            new DataId(new Guid(bytes.Slice(24, 16))),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..])
        );
    }
}

/// <summary>
/// What stands before each frame: one group of records that was written and synced together. Because the next frame is
/// written only after this one's sync, a valid later header proves that this one was whole on disk.
/// </summary>
/// <param name="Length">Bytes of content; never 0, so that zeros are never a header.</param>
/// <param name="ContentChecksum">Of the content.</param>
/// <param name="Number">Counts the frames of a data directory without gaps.</param>
internal readonly record struct FrameHeader(int Length, uint ContentChecksum, long Number)
{
    public const int Bytes = 24;

    private const int ChecksumAt = Bytes - 4;

    /// <summary>Frames begin at multiples of this: a search for the next one need not try every byte.</summary>
    public const int Alignment = 8;

    public int BytesOnDisk => (Bytes + Length + Alignment - 1) & -Alignment;

    public void Write(Span<byte> into, uint salt)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], ContentChecksum);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(into[16..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumAt..], Checksum.Of(into[..ChecksumAt], salt));
    }

    /// <returns>Whether the bytes begin with a header that was written whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint salt, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < Bytes)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length <= 0)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Checksum.Of(bytes[..ChecksumAt], salt))
            return false;
        header = new FrameHeader(
            length,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])
        );
        return true;
    }
}

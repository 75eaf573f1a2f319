using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Failover.Node.Storage;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Never reads past the end, whatever the bytes say.</summary>
/// <exception cref="InvalidDataException">From every member: the bytes are not of this form.</exception>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public readonly bool AtEnd => Offset == _bytes.Length;

    public readonly int Remaining => _bytes.Length - Offset;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public Guid ReadGuid() => new(Take(16));

    public long ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)value;
        }
        throw new InvalidDataException("a number of more than ten bytes");
    }

    /// <summary>A number of things to come, each of at least <paramref name="smallest"/> bytes.</summary>
    public int ReadCount(int smallest)
    {
        var count = ReadVarint();
        if (count < 0 || count > Remaining / smallest)
            throw new InvalidDataException($"{count} items announced, {Remaining} bytes left");
        return (int)count;
    }

    public string ReadString()
    {
        var header = ReadVarint();
        if ((header & 1) == 0)
            return Encoding.UTF8.GetString(Take(header >> 1));
        return ReadUtf16(header);
    }

    /// <summary>The same, for strings that come again and again: see <see cref="StringCache"/>.</summary>
    public string ReadString(StringCache cache)
    {
        var header = ReadVarint();
        if ((header & 1) == 0)
            return cache.Get(Take(header >> 1));
        return ReadUtf16(header);
    }

    private string ReadUtf16(long header)
    {
        var units = header >> 2;
        var raw = Take(units <= int.MaxValue / 2 ? units * 2 : long.MaxValue);
        return BitConverter.IsLittleEndian
            ? new string(MemoryMarshal.Cast<byte, char>(raw))
            : throw new PlatformNotSupportedException("big-endian machines are not supported");
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if ((ulong)count > (ulong)Remaining)
            throw new InvalidDataException($"{count} bytes announced, {Remaining} left");
        var taken = _bytes.Slice(Offset, (int)count);
        Offset += (int)count;
        return taken;
    }
}

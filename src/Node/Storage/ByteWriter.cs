using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Unicode;

namespace Failover.Node.Storage;

/// <summary>A growing buffer that one thread writes, reads and uses again.</summary>
internal sealed class ByteWriter(int capacity)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets the content. A buffer that one giant entry had grown is given back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > 4 * Math.Max(capacity, 1 << 20))
            _bytes = new byte[capacity];
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);
        Length += 2;
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        Length += 4;
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    public void WriteGuid(Guid value)
    {
        var written = value.TryWriteBytes(Reserve(16));
        Debug.Assert(written);
        Length += 16;
    }

    /// <summary>Seven bits a byte, least significant first. Negative numbers take ten bytes; here they are rare.</summary>
    public void WriteVarint(long value)
    {
        var into = Reserve(10);
        var rest = (ulong)value;
        var at = 0;
        while (rest >= 0x80)
        {
            into[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        into[at++] = (byte)rest;
        Length += at;
    }

    /// <summary>
    /// UTF-8, or UTF-16 for a string that is no valid Unicode: replacing what cannot be encoded would let two keys
    /// that differ in memory become one on disk.
    /// </summary>
    public void WriteString(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        var start = Length;
        WriteVarint((long)count << 1);
        var status = Utf8.FromUtf16(value, Reserve(count), out _, out var written, replaceInvalidSequences: false);
        if (status == System.Buffers.OperationStatus.Done)
        {
            Length += written;
            return;
        }

        Length = start;
        WriteVarint(((long)value.Length << 2) | 1);
        foreach (var unit in value)
            WriteUInt16(unit);
    }

    public void WriteZeros(int count)
    {
        Reserve(count)[..count].Clear();
        Length += count;
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(
                ref _bytes,
                Math.Max(checked(Length + count), (int)Math.Min(2L * _bytes.Length, Array.MaxLength))
            );
        return _bytes.AsSpan(Length);
    }
}

using System.Buffers.Binary;
using System.Text;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>What a frame is: its first byte after the length.</summary>
internal enum FrameKind : byte
{
    /// <summary>The first frame of who connects: who it is, and whom it wants to reach.</summary>
    Hello = 1,

    /// <summary>The answer of who was reached.</summary>
    Welcome = 2,

    /// <summary>The answer of who does not want this connection.</summary>
    Refused = 3,

    /// <summary>From now on this number stands for that path.</summary>
    DefinePath = 16,

    /// <summary>From now on this number stands for that manifest.</summary>
    DefineManifest = 17,

    /// <summary>A message to an actor.</summary>
    Message = 32,

    /// <summary>Tell me when everything before this has been delivered.</summary>
    Fence = 33,

    /// <summary>It has.</summary>
    FencePassed = 34,

    /// <summary>A watch, an unwatch or the end of a watched actor, numbered.</summary>
    SystemMessage = 48,

    /// <summary>All system messages up to this number have arrived.</summary>
    Acknowledge = 49,

    /// <summary>Are you there?</summary>
    Heartbeat = 64,

    /// <summary>I am.</summary>
    HeartbeatReply = 65,
}

/// <summary>How an actor is named inside a message frame.</summary>
internal enum ReferenceKind : byte
{
    None = 0,

    /// <summary>By a number that a frame before this one defined.</summary>
    Defined = 1,

    /// <summary>By its name below <c>/temp</c> of the system that receives the frame.</summary>
    ReceiversTemp = 2,

    /// <summary>By its name below <c>/temp</c> of the system that sends the frame.</summary>
    SendersTemp = 3,

    /// <summary>By its whole path.</summary>
    Path = 4,
}

/// <summary>A frame or what it holds breaks the protocol.</summary>
internal sealed class ProtocolException(string message) : Exception(message);

/// <summary>Writes frames one behind the other into a growing buffer.</summary>
internal sealed class FrameWriter(int size = 16 * 1024)
{
    private byte[] _buffer = new byte[size];
    private int _frameStart;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Begin(FrameKind kind)
    {
        _frameStart = Length;
        Length += 4;
        Byte((byte)kind);
    }

    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_frameStart), Length - _frameStart - 4);

    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[Length++] = value;
    }

    public void Int32(int value)
    {
        Reserve(4);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(Length), value);
        Length += 4;
    }

    public void Varint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    public void String(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)bytes);
        Reserve(bytes);
        Length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(Length));
    }

    /// <summary>As <see cref="String"/> of a name below <c>/temp</c>.</summary>
    public void TempName(long number)
    {
        Reserve(1 + Actor.TempName.Longest);
        var length = Actor.TempName.Write(number, _buffer.AsSpan(Length + 1));
        // Less than 128, so that it is a varint of one byte.
        _buffer[Length] = (byte)length;
        Length += 1 + length;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>What <paramref name="serializer"/> makes of <paramref name="message"/>, of a length that it has said.</summary>
    public void Message(DirectSerializer serializer, object message, int length)
    {
        Reserve(length);
        serializer.Write(message, _buffer.AsSpan(Length, length));
        Length += length;
    }

    /// <summary>Forgets what was written; a buffer that one large message blew up is given back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > 1 << 20)
            _buffer = new byte[64 * 1024];
    }

    private void Reserve(int count)
    {
        if (Length + count + 4 > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count + 4));
    }
}

/// <summary>Reads the contents of one frame.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> frame)
{
    private ReadOnlySpan<byte> _rest = frame;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new ProtocolException("a number has no end");
    }

    /// <summary>A number that counts or names something here, so that it must be small.</summary>
    public int Number(int limit)
    {
        var value = Varint();
        return value <= (ulong)limit ? (int)value : throw new ProtocolException($"the number {value} exceeds {limit}");
    }

    public string String() => Text(Bytes());

    /// <exception cref="ProtocolException">They are not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException("a text is not UTF-8");
        }
    }

    /// <summary>Bytes after their number.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Number(_rest.Length));

    private static UTF8Encoding Strict { get; } = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new ProtocolException("a frame ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

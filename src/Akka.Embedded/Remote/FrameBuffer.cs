using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Akka.Remote;

/// <summary>Cuts what comes from a stream into frames.</summary>
/// <remarks>
/// Small until <see cref="Admit"/>: ten thousand strangers who say nothing cost a few megabytes. After that it grows while
/// reads fill it, so that connections on which little happens stay small.
/// </remarks>
internal sealed class FrameBuffer(Stream stream, int largestFrame)
{
    private const int FirstSize = 512;
    private const int AdmittedSize = 4 * 1024;
    private const int BusySize = 64 * 1024;
    private const int MostKept = 1 << 20;

    private int _limit = largestFrame;
    private int _growsTo = FirstSize;
    private bool _wasFilled;
    private byte[] _buffer = new byte[FirstSize];
    private int _start;
    private int _end;

    /// <summary>Whoever is at the other end may from now on send much, and large frames.</summary>
    public void Admit(int largestFrame)
    {
        _limit = largestFrame;
        _growsTo = BusySize;
        Move(AdmittedSize);
    }

    /// <summary>The next frame, if it has arrived in full; valid until the next call of <see cref="FillAsync"/>.</summary>
    /// <exception cref="ProtocolException">Its length is impossible.</exception>
    public bool TryRead(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        var available = _end - _start;
        if (available < 4)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_start));
        if (length <= 0 || length > _limit)
            throw new ProtocolException($"a frame of {length} bytes, where at most {_limit} are allowed");
        if (available < length + 4)
            return false;
        frame = _buffer.AsSpan(_start + 4, length);
        _start += length + 4;
        return true;
    }

    /// <summary>Waits for more.</summary>
    /// <returns>False when the other side has closed the connection.</returns>
    /// <exception cref="ProtocolException">It has closed it within a frame.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        MakeRoom();
        var room = _buffer.AsMemory(_end);
        var read = await stream.ReadAsync(room, cancellation).ConfigureAwait(false);
        if (read == 0 && _end > _start)
            throw new ProtocolException("it ended within a frame");
        _end += read;
        _wasFilled = read == room.Length;
        return read > 0;
    }

    private void MakeRoom()
    {
        var available = _end - _start;
        if (available == 0 && _buffer.Length > MostKept)
            Move(BusySize);
        var needed = available < 4 ? 4 : BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_start)) + 4;
        if (needed > _buffer.Length)
            Move(Math.Max(needed, _buffer.Length * 2));
        else if (_wasFilled && _buffer.Length < _growsTo)
            Move(Math.Min(_buffer.Length * 4, _growsTo));
        else if (_start > 0)
            MoveTo(_buffer);
    }

    private void Move(int size) => MoveTo(new byte[Math.Max(size, _end - _start)]);

    private void MoveTo(byte[] buffer)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
        (_buffer, _start, _end) = (buffer, 0, _end - _start);
    }
}

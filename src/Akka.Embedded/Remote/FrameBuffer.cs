using System.Buffers.Binary;

namespace Akka.Remote;

/// <summary>Cuts what comes from a stream into frames.</summary>
internal sealed class FrameBuffer(Stream stream, int maximumFrameSize)
{
    // A frame has a few more bytes than its message: paths, manifest.
    private readonly int _limit = maximumFrameSize + 4096;
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

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
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    private void MakeRoom()
    {
        var available = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, available).CopyTo(_buffer);
            (_start, _end) = (0, available);
        }

        if (available < 4)
            return;
        var needed = BinaryPrimitives.ReadInt32LittleEndian(_buffer) + 4;
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(needed, _buffer.Length * 2));
    }
}

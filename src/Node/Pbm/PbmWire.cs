using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Failover.Node.Pbm;

/// <summary>The peer does not speak this protocol, or not within its bounds. The message is one line for it.</summary>
internal sealed class PbmProtocolException(string message) : Exception(message);

/// <summary>
/// The protocol's lines on a stream: requests in, answers out; <c>docs/pbm.md</c> describes it. One reader and one
/// writer at a time.
/// </summary>
internal sealed class PbmWire(Stream stream, TimeSpan writeTimeout)
{
    /// <summary>The longest request line, in bytes.</summary>
    public const int MaxRequest = 4096;

    /// <summary>The longest line of an answer, in characters; what is longer is cut.</summary>
    public const int MaxLine = 16 << 10;

    private const int FlushAt = 16 << 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
    private readonly PipeWriter _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>The next request; null when the peer has said all. A last line without its end is not a request.</summary>
    /// <exception cref="PbmProtocolException">It is too long, or no text.</exception>
    public async Task<string?> ReadLine(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            var buffer = result.Buffer;
            var end = buffer.PositionOf((byte)'\n');
            var line = end is { } there ? buffer.Slice(0, there) : buffer;
            if (line.Length > MaxRequest)
                throw new PbmProtocolException($"a request has at most {MaxRequest} bytes");
            if (end is { } position)
            {
                var text = Text(line);
                _reader.AdvanceTo(buffer.GetPosition(1, position));
                return text;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }

    /// <summary>A line of an answer. It may stay in memory until <see cref="Flush"/>.</summary>
    public ValueTask WriteLine(string line, CancellationToken cancellation)
    {
        Put(line.StartsWith('.') ? "." + line : line);
        return _writer.UnflushedBytes >= FlushAt ? Flush(cancellation) : default;
    }

    /// <summary>The end of an answer that is complete.</summary>
    public ValueTask Done(CancellationToken cancellation)
    {
        Put(".");
        return Flush(cancellation);
    }

    /// <summary>The end of an answer that could not be given.</summary>
    public ValueTask Refuse(string reason, CancellationToken cancellation)
    {
        Put($".! {reason}");
        return Flush(cancellation);
    }

    /// <exception cref="TimeoutException">The peer does not read.</exception>
    public async ValueTask Flush(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(writeTimeout);
        try
        {
            await _writer.FlushAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("the peer does not read");
        }
    }

    private static string Text(ReadOnlySequence<byte> line)
    {
        string text;
        try
        {
            text = Utf8.GetString(line).TrimEnd('\r');
        }
        catch (DecoderFallbackException)
        {
            throw new PbmProtocolException("a request is text in UTF-8");
        }

        return text.Any(char.IsControl) ? throw new PbmProtocolException("a request is one line of plain text") : text;
    }

    // What is logged may hold anything; a line must stay one, and must not steer the reader's terminal.
    private void Put(string line)
    {
        var length = Math.Min(line.Length, MaxLine);
        var text = string.Create(
            length + 1,
            line,
            (to, from) =>
            {
                for (var i = 0; i < to.Length - 1; i++)
                    to[i] = char.IsControl(from[i]) && from[i] != '\t' ? ' ' : from[i];
                to[^1] = '\n';
            }
        );
        Encoding.UTF8.GetBytes(text, _writer);
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Failover.Node.Http;

/// <summary>Reads a request's body within its limit and turns what is in it into JSON text.</summary>
internal static class RequestBody
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads the whole body into the connection's own buffers, hands it to <paramref name="parse"/>, and gives the
    /// buffers back: nothing is copied in between. More than <paramref name="limit"/> bytes are a 413, whether announced or not.
    /// </summary>
    public static async ValueTask<TResult> Read<TState, TResult>(
        Exchange context,
        int limit,
        TState state,
        Func<ReadOnlySequence<byte>, TState, TResult> parse
    )
    {
        if (context.Request.ContentLength > limit)
            throw new ProblemException(TooLarge(limit));
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            var buffer = read.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                throw new ProblemException(TooLarge(limit));
            }
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }
            try
            {
                return parse(buffer, state);
            }
            catch (JsonException broken)
            {
                throw new ProblemException(InvalidJson(broken));
            }
            finally
            {
                reader.AdvanceTo(buffer.End);
            }
        }
    }

    /// <summary>Refuses a body that says it is something other than JSON in UTF-8. One that says nothing is believed.</summary>
    public static void MustBeJson(ExchangeRequest request)
    {
        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count > 0 && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"the body is encoded as {encoding}; send it as it is");
        if (request.ContentType is not { Length: > 0 } text || text == "application/json")
            return;
        if (
            !MediaTypeHeaderValue.TryParse(text, out var type)
            || !(type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || IsJsonSuffix(type))
        )
            throw Unsupported($"the body is {text}; send application/json");
        if (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"the body is in {type.Charset}; send UTF-8");
    }

    /// <summary>
    /// The value that <paramref name="reader"/> stands on as compact JSON text: whitespace between tokens gone, every
    /// token as it was sent, so that numbers keep their digits and strings their escapes.
    /// </summary>
    /// <remarks>Leaves the reader on the value's last token.</remarks>
    public static string CompactValue(ref Utf8JsonReader reader, ReadOnlySequence<byte> json, int limit, string key)
    {
        var start = reader.TokenStartIndex;
        reader.Skip();
        var length = reader.BytesConsumed - start;
        var source = json.Slice(start, length);
        var scratch = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            source.CopyTo(scratch);
            var compact = scratch.AsSpan(0, Minify(scratch.AsSpan(0, (int)length)));
            if (compact.Length > limit)
                throw ValueTooLarge(key, limit);
            return StrictUtf8.GetString(compact);
        }
        catch (DecoderFallbackException)
        {
            throw new ProblemException(Problem.BadRequest("invalid-json", $"the value of {key} is not valid UTF-8"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>The property name that the reader stands on.</summary>
    public static string Name(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ProblemException(Problem.BadRequest("invalid-json", "a property name is not valid UTF-8"));
        }
    }

    public static Problem InvalidJson(JsonException broken)
    {
        // The reader's message carries its place in words of its own; ours count from one, as editors do.
        var message = broken.Message;
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (message.IndexOf(" Path:", StringComparison.Ordinal) is >= 0 and var path && (place < 0 || path < place))
            place = path;
        var what = place < 0 ? message : message[..place];
        var line = (broken.LineNumber ?? 0) + 1;
        var column = (broken.BytePositionInLine ?? 0) + 1;
        return new Problem(
            400,
            "invalid-json",
            $"the body is not the JSON expected at line {line}, byte {column}: {what}"
        )
        {
            Members = [("line", $"{line}"), ("byte", $"{column}")],
        };
    }

    public static Problem TooLarge(long limit) =>
        Problem.TooLarge("body", limit, $"the body is larger than {limit} bytes (failover.limits.body)");

    /// <summary>Removes whitespace outside strings in place; the text is known to be valid JSON.</summary>
    private static int Minify(Span<byte> json)
    {
        var end = 0;
        for (var i = 0; i < json.Length; i++)
        {
            var b = json[i];
            if (b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
                continue;
            if (b != '"')
            {
                json[end++] = b;
                continue;
            }
            var close = EndOfString(json, i);
            json[i..(close + 1)].CopyTo(json[end..]);
            end += close + 1 - i;
            i = close;
        }
        return end;
    }

    private static int EndOfString(ReadOnlySpan<byte> json, int open)
    {
        var at = open + 1;
        while (true)
        {
            at += json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[at] == '"')
                return at;
            at += 2;
        }
    }

    private static bool IsJsonSuffix(MediaTypeHeaderValue type) =>
        type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    private static ProblemException ValueTooLarge(string key, int limit) =>
        new(
            Problem.TooLarge("value", limit, $"the value of {key} is larger than {limit} bytes (failover.limits.value)")
        );

    private static ProblemException Unsupported(string detail) => new(new Problem(415, "media-type", detail));
}

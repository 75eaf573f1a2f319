using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Failover.Node.Http;

/// <summary>Writes JSON answers with as few copies as their size allows.</summary>
internal static class Answer
{
    public const string JsonType = "application/json; charset=utf-8";

    /// <summary>Marks what a replica holds itself: the primary may be ahead of it.</summary>
    public const string StaleHeader = "Failover-Stale";

    /// <summary>Up to here an answer is built in a buffer of the thread, so that it can carry its length.</summary>
    private const int KeptBuffer = 64 * 1024;

    /// <summary>Text that a page could misread as markup needs no escape here: every answer says it is JSON, and nosniff.</summary>
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>A small document, with its length. The status is the caller's; the content type too, when it is not JSON's.</summary>
    public static Task Json<T>(ExchangeResponse response, T state, Action<Utf8JsonWriter, T> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        var writer = _writer ??= new Utf8JsonWriter(buffer, Options);
        writer.Reset(buffer);
        write(writer, state);
        writer.Flush();
        if (buffer.Capacity > KeptBuffer)
            (_buffer, _writer) = (null, null);

        var request = response.Exchange.Request;
        if (HttpMethods.IsOptions(request.Method) && RoleRoutes.IsCheck(request.Path))
        {
            // Role checks answer OPTIONS with the status alone, as Patroni's do.
            response.ContentType = null;
            response.ContentLength = 0;
            return Task.CompletedTask;
        }
        response.ContentType ??= JsonType;
        response.ContentLength = buffer.WrittenCount;
        // Copies before the first await: the buffer belongs to the thread, not to the request.
        response.BodyWriter.Write(buffer.WrittenSpan);
        return response.BodyWriter.FlushAsync().WithoutResult();
    }

    /// <summary>A document of one of the source-generated types.</summary>
    public static Task Json<T>(ExchangeResponse response, T document, JsonTypeInfo<T> type) =>
        Json(response, (document, type), static (json, s) => JsonSerializer.Serialize(json, s.document, s.type));

    /// <summary>A writer that goes straight into the response, for documents too large to keep.</summary>
    public static Utf8JsonWriter Streaming(ExchangeResponse response) => new(response.BodyWriter, Options);

    private static Task WithoutResult(this ValueTask<System.IO.Pipelines.FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully)
            return flush.AsTask();
        _ = flush.Result;
        return Task.CompletedTask;
    }
}

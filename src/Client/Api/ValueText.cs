using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Failover.Client.Api;

/// <summary>Values between what a person types or reads and JSON.</summary>
internal static class ValueText
{
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        // The text goes to a terminal or a file, not into a web page: "+" stays "+".
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonWriterOptions Compact = Readable with { Indented = false };

    /// <summary>The JSON to send for a typed value: itself if it is an object, array, number, boolean or null, else a string.</summary>
    public static ReadOnlyMemory<byte> ToJson(string typed)
    {
        var bytes = Encoding.UTF8.GetBytes(typed);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind is not JsonValueKind.String)
                return bytes;
        }
        catch (JsonException)
        {
            // Not JSON, so it is text; that is the common case.
            return StringToJson(typed);
        }

        return StringToJson(typed);
    }

    /// <summary>A string as it is, anything else as compact JSON.</summary>
    public static string ToText(JsonElement value) =>
        value.ValueKind is JsonValueKind.String ? value.GetString()! : Write(value, Compact);

    /// <summary>As <see cref="ToText"/>, but always one line.</summary>
    public static string ToLine(JsonElement value) =>
        value.ValueKind is JsonValueKind.String && value.GetString()!.AsSpan().IndexOfAny('\r', '\n') < 0
            ? value.GetString()!
            : Write(value, Compact);

    /// <summary>A document of the interface, indented.</summary>
    public static string Indent(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Write(document.RootElement, Readable);
    }

    private static byte[] StringToJson(string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            json.WriteStringValue(text);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Write(JsonElement value, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, options))
            value.WriteTo(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

using System.Globalization;
using System.Text.Json;
using Failover.Client.Api;
using Spectre.Console;

namespace Failover.Client.Output;

/// <summary>One event of the stream, as a line.</summary>
internal static class EventLine
{
    public static void Write(string kind, string data, Surroundings surroundings)
    {
        var (at, node, message) = Read(data);
        if (!surroundings.IsStyled)
        {
            surroundings.Out.WriteLine($"{at}  {node, -10} {kind, -10} {message}");
            return;
        }

        var quiet = new Style(Color.Grey);
        var line = new Paragraph()
            .Append($"{at}  {node, -10} ", quiet)
            .Append($"{kind, -10} ", KindStyle(kind))
            .Append(message + "\n", kind == "heartbeat" ? quiet : Style.Plain);
        surroundings.Console.Write(line);
    }

    private static (string At, string Node, string Message) Read(string data)
    {
        try
        {
            if (JsonSerializer.Deserialize(data, DocumentsContext.Default.EventDocument) is { } document)
                return (
                    document.At?.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture) ?? "            ",
                    document.Node ?? "",
                    document.Message ?? data
                );
        }
        catch (JsonException)
        {
            // Some other text: shown as it came.
            return ("            ", "", data);
        }

        return ("            ", "", data);
    }

    private static Style KindStyle(string kind) =>
        kind switch
        {
            "decision" => new Style(Color.Yellow),
            "role" => new Style(Color.Green),
            "view" => new Style(Color.Blue),
            _ => new Style(Color.Grey),
        };
}

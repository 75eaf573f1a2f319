using System.Text.Json;
using Failover.Client.Api;
using Spectre.Console;

namespace Failover.Client.Output;

/// <summary>A replica's map: aligned for a person; as <c>key=value</c> lines, which <c>update --file</c> reads, otherwise.</summary>
internal static class StateView
{
    public static void Write(ApiAnswer answer, Surroundings surroundings)
    {
        using var document = JsonDocument.Parse(answer.Body);
        var entries = document.RootElement.EnumerateObject().ToArray();
        if (!surroundings.IsStyled)
        {
            foreach (var entry in entries)
                surroundings.Out.WriteLine($"{entry.Name}={ValueText.ToLine(entry.Value)}");
            return;
        }

        if (entries.Length == 0)
        {
            surroundings.Console.Write(new Text("the map is empty\n", new Style(Color.Grey)));
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        foreach (var entry in entries)
            grid.AddRow(new Text(entry.Name, new Style(Color.Grey)), new Text(ValueText.ToLine(entry.Value)));
        surroundings.Console.Write(grid);
    }
}

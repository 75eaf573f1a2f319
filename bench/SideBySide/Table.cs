using System.Globalization;
using System.Text;

namespace Failover.Bench.SideBySide;

/// <summary>A table as a terminal shows it and Markdown means it.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        var widths = columns.Select((c, i) => Math.Max(c.Length, _rows.Max(r => r[i].Length))).ToArray();
        var text = new StringBuilder();
        AddLine(text, columns, widths);
        AddLine(text, [.. widths.Select((w, i) => i == 0 ? new string('-', w) : $"{new string('-', w - 1)}:")], widths);
        foreach (var row in _rows)
            AddLine(text, row, widths);
        return text.ToString();
    }

    /// <summary>Names to the left, figures to the right.</summary>
    private static void AddLine(StringBuilder text, string[] cells, int[] widths)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {cells[0].PadRight(widths[0])} |");
        for (var i = 1; i < cells.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $" {cells[i].PadLeft(widths[i])} |");
        text.Append('\n');
    }
}

using Spectre.Console;

namespace Failover.Client.Output;

/// <summary>A table that is drawn for a person and aligned, without any frame, for a file or a pipe.</summary>
internal sealed class TextTable(params string[] headings)
{
    /// <summary>What the drawn table adds to each cell, and once to the row.</summary>
    private const int Gap = 3;
    private const int Edge = 1;

    private readonly List<TableCell[]> _rows = [];

    /// <summary>Which columns a narrow terminal does without, the first one first.</summary>
    public IReadOnlyList<string> Dispensable { get; init; } = [];

    public void Add(params TableCell[] cells) => _rows.Add(cells);

    public Table ToStyled(int width)
    {
        var table = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey);
        var columns = Fitting(width);
        foreach (var column in columns)
        {
            var heading = new TableColumn(new Text(headings[column], new Style(decoration: Decoration.Bold)));
            // The last column is the one with sentences in it, if any.
            heading.NoWrap = column < headings.Length - 1;
            table.AddColumn(heading);
        }

        foreach (var row in _rows)
            table.AddRow(columns.Select(column => new Text(row[column].Content, row[column].Style)));
        return table;
    }

    public void WritePlain(TextWriter output)
    {
        var widths = Enumerable.Range(0, headings.Length).Select(WidthOf).ToArray();
        foreach (var row in _rows.Select(row => row.Select(cell => cell.Content)).Prepend(headings))
        {
            var cells = row.Select((text, column) => text.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    public void Write(Surroundings surroundings)
    {
        if (surroundings.IsStyled)
            surroundings.Console.Write(ToStyled(surroundings.Console.Profile.Width));
        else
            WritePlain(surroundings.Out);
    }

    /// <summary>The columns to draw: all of them, or so few that a row fits.</summary>
    private List<int> Fitting(int width)
    {
        var columns = Enumerable.Range(0, headings.Length).ToList();
        foreach (var heading in Dispensable)
        {
            if (columns.Sum(column => WidthOf(column) + Gap) + Edge <= width)
                break;
            columns.Remove(Array.IndexOf(headings, heading));
        }

        return columns;
    }

    private int WidthOf(int column) =>
        _rows.Select(row => row[column].Content.Length).Append(headings[column].Length).Max();
}

internal readonly record struct TableCell(string Content, Style? Style = null)
{
    public static implicit operator TableCell(string content) => new(content);
}

using Spectre.Console;

namespace Failover.Client.Output;

/// <summary>A table that is drawn for a person and aligned, without any frame, for a file or a pipe.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<TableCell[]> _rows = [];

    public void Add(params TableCell[] cells) => _rows.Add(cells);

    public Table ToStyled()
    {
        var table = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey);
        foreach (var heading in headings)
            table.AddColumn(new TableColumn(new Markup(heading, new Style(decoration: Decoration.Bold))).NoWrap());
        foreach (var row in _rows)
            table.AddRow(row.Select(cell => new Text(cell.Content, cell.Style)));
        return table;
    }

    public void WritePlain(TextWriter output)
    {
        var texts = _rows.Select(row => row.Select(cell => cell.Content).ToArray()).Prepend(headings).ToArray();
        var widths = headings.Select((_, column) => texts.Max(row => row[column].Length)).ToArray();
        foreach (var row in texts)
        {
            var cells = row.Select((text, column) => text.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    public void Write(Surroundings surroundings)
    {
        if (surroundings.IsStyled)
            surroundings.Console.Write(ToStyled());
        else
            WritePlain(surroundings.Out);
    }
}

internal readonly record struct TableCell(string Content, Style? Style = null)
{
    public static implicit operator TableCell(string content) => new(content);
}

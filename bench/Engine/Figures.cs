namespace Failover.Bench.Engine;

/// <summary>Where a table goes: to the terminal, and into a document between the marks that name it.</summary>
internal static class Figures
{
    /// <param name="name">Of the table: it stands between <c>&lt;!-- figures: name --&gt;</c> and <c>&lt;!-- /figures --&gt;</c>.</param>
    /// <param name="text">What to print.</param>
    /// <param name="document">A file that has these marks; null for the terminal alone.</param>
    public static void Publish(string name, string text, string? document)
    {
        Console.WriteLine(text);
        if (document is null)
            return;
        var all = File.ReadAllText(document);
        var mark = $"<!-- figures: {name} -->\n";
        var begin = all.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        var end = all.IndexOf("<!-- /figures -->", begin, StringComparison.Ordinal);
        if (begin < mark.Length || end < 0)
            throw new InvalidOperationException($"{document} has no place for the figures of '{name}'");
        File.WriteAllText(document, $"{all[..begin]}{text.TrimEnd()}\n{all[end..]}");
    }
}

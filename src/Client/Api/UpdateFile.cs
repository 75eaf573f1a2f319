namespace Failover.Client.Api;

/// <summary>The entries of an update: <c>key=value</c> lines, <c>#</c> comments and blank lines.</summary>
internal static class UpdateFile
{
    /// <summary>The entries in their order, or an error that names the line; never a part of them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(TextReader reader, string name)
    {
        var entries = new List<KeyValuePair<string, string>>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            // A value keeps its spaces at the end, so only the test for "nothing here" looks past them.
            var text = line.TrimStart();
            if (text.Length == 0 || text[0] == '#')
                continue;
            if (TryEntry(text, out var entry) is { } problem)
                throw new CommandException($"{name}:{number}: {problem}; nothing was applied");
            if (!lines.TryAdd(entry.Key, number))
                throw new CommandException(
                    $"{name}:{number}: key '{entry.Key}' is already set on line {lines[entry.Key]}; nothing was applied"
                );
            entries.Add(entry);
        }

        return entries;
    }

    /// <returns>What is wrong with the text, or null when it is an entry.</returns>
    public static string? TryEntry(string text, out KeyValuePair<string, string> entry)
    {
        entry = default;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            return $"expected key=value but found '{Shorten(text)}'";
        var key = text[..equals].Trim();
        if (key.Length == 0)
            return $"the key before '=' is missing in '{Shorten(text)}'";
        entry = new(key, text[(equals + 1)..]);
        return null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

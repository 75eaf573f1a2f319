using System.Text;

namespace Failover.Client.Interactive;

/// <summary>Splits a typed line into words as a shell does: spaces, 'single' and "double" quotes, backslashes.</summary>
internal static class CommandLineText
{
    /// <param name="isOpen">Whether a quote was opened and not closed.</param>
    public static IReadOnlyList<string> Split(string line, out bool isOpen)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            if (c == quote)
                quote = '\0';
            else if (quote == '\0' && (c is '\'' or '"'))
                quote = c;
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                word.Append(line[++i]);
            else
                word.Append(c);
        }

        if (inWord)
            words.Add(word.ToString());
        isOpen = quote != '\0';
        return words;
    }
}

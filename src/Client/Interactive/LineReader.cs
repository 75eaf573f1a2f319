using Terminal = System.Console;

namespace Failover.Client.Interactive;

/// <summary>Reads a line from the terminal, with editing, history and completion.</summary>
internal sealed class LineReader(string prompt, bool isStyled, Func<string, IReadOnlyList<string>> complete)
{
    private readonly List<string> _history = [];

    /// <returns>Null at the end of the input.</returns>
    public string? Read()
    {
        // While a line is typed, Ctrl+C only discards it; while a command runs, it interrupts that.
        Terminal.TreatControlCAsInput = true;
        try
        {
            var line = new LineBuffer(_history);
            Draw(line);
            while (true)
            {
                switch (line.Press(Terminal.ReadKey(intercept: true)))
                {
                    case LineOutcome.Accepted:
                        Terminal.WriteLine();
                        Remember(line.Text);
                        return line.Text;
                    case LineOutcome.EndOfInput:
                        Terminal.WriteLine();
                        return null;
                    case LineOutcome.Abandoned:
                        Terminal.WriteLine("^C");
                        line = new LineBuffer(_history);
                        break;
                    case LineOutcome.ClearScreen:
                        Terminal.Clear();
                        break;
                    case LineOutcome.CompletionWanted:
                        Complete(line);
                        break;
                    case LineOutcome.Editing:
                    default:
                        break;
                }

                Draw(line);
            }
        }
        finally
        {
            Terminal.TreatControlCAsInput = false;
        }
    }

    private void Complete(LineBuffer line)
    {
        // Only the end of a line is completed; inside it, the words after the cursor would have to be understood too.
        if (line.Cursor != line.Text.Length)
            return;
        var candidates = complete(line.Text);
        var completed = Completion.Apply(line.Text, candidates);
        if (completed == line.Text && candidates.Count > 1)
        {
            Terminal.WriteLine();
            Terminal.WriteLine(string.Join("  ", candidates));
        }

        line.Replace(completed);
    }

    private void Remember(string text)
    {
        if (text.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != text))
            _history.Add(text);
    }

    // A line longer than the terminal scrolls sideways: one row is always enough, and nothing below it is disturbed.
    private void Draw(LineBuffer line)
    {
        var room = Math.Max(10, Width() - prompt.Length - 1);
        var from = Math.Max(0, line.Cursor - room + 1);
        var visible = line.Text.AsSpan(from, Math.Min(room, line.Text.Length - from));
        if (!isStyled)
        {
            Terminal.Write($"\r{prompt}{visible} \b");
            Terminal.Write(new string('\b', visible.Length - (line.Cursor - from)));
            return;
        }

        Terminal.Write($"\r\x1b[2K\x1b[36m{prompt}\x1b[0m{visible}\r\x1b[{prompt.Length + line.Cursor - from}C");
    }

    private static int Width() => Terminal.WindowWidth is > 0 and var width ? width : 80;
}

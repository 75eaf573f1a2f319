namespace Failover.Client.Interactive;

/// <summary>What a key asked of the one who reads the line.</summary>
internal enum LineOutcome
{
    Editing,
    Accepted,
    Abandoned,
    EndOfInput,
    CompletionWanted,
    ClearScreen,
}

/// <summary>A line while it is typed: keys in, text and cursor out. Knows no terminal.</summary>
internal sealed class LineBuffer(IReadOnlyList<string> history)
{
    private int _inHistory = history.Count;
    private string _draft = "";

    public string Text { get; private set; } = "";

    /// <summary>Before which character the next one goes.</summary>
    public int Cursor { get; private set; }

    public LineOutcome Press(ConsoleKeyInfo key)
    {
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return LineOutcome.Accepted;
            case ConsoleKey.Tab:
                return LineOutcome.CompletionWanted;
            case ConsoleKey.C when control:
                return LineOutcome.Abandoned;
            case ConsoleKey.D when control && Text.Length == 0:
                return LineOutcome.EndOfInput;
            case ConsoleKey.L when control:
                return LineOutcome.ClearScreen;
            default:
                Edit(key, control);
                return LineOutcome.Editing;
        }
    }

    public void Replace(string text)
    {
        Text = text;
        Cursor = text.Length;
    }

    private void Edit(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow when control:
                Cursor = WordStart();
                break;
            case ConsoleKey.RightArrow when control:
                Cursor = WordEnd();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                Cursor = Math.Max(0, Cursor - 1);
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                Cursor = Math.Min(Text.Length, Cursor + 1);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                Cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                Cursor = Text.Length;
                break;
            case ConsoleKey.UpArrow:
            case ConsoleKey.P when control:
                Recall(_inHistory - 1);
                break;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when control:
                Recall(_inHistory + 1);
                break;
            case ConsoleKey.Backspace when Cursor > 0:
                Cut(Cursor - 1, Cursor);
                break;
            case ConsoleKey.Delete when Cursor < Text.Length:
            case ConsoleKey.D when control && Cursor < Text.Length:
                Cut(Cursor, Cursor + 1);
                break;
            case ConsoleKey.U when control:
                Cut(0, Cursor);
                break;
            case ConsoleKey.K when control:
                Cut(Cursor, Text.Length);
                break;
            case ConsoleKey.W when control:
                Cut(WordStart(), Cursor);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                    Insert(key.KeyChar);
                break;
        }
    }

    private void Insert(char c)
    {
        Text = Text.Insert(Cursor, c.ToString());
        Cursor++;
    }

    private void Cut(int from, int to)
    {
        Text = Text.Remove(from, to - from);
        Cursor = from;
    }

    private void Recall(int index)
    {
        if (index < 0 || index > history.Count)
            return;
        // The line being typed is the newest entry, so that going up and down again loses nothing.
        if (_inHistory == history.Count)
            _draft = Text;
        _inHistory = index;
        Replace(index == history.Count ? _draft : history[index]);
    }

    private int WordStart()
    {
        var i = Cursor;
        while (i > 0 && char.IsWhiteSpace(Text[i - 1]))
            i--;
        while (i > 0 && !char.IsWhiteSpace(Text[i - 1]))
            i--;
        return i;
    }

    private int WordEnd()
    {
        var i = Cursor;
        while (i < Text.Length && char.IsWhiteSpace(Text[i]))
            i++;
        while (i < Text.Length && !char.IsWhiteSpace(Text[i]))
            i++;
        return i;
    }
}

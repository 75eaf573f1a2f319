using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>A place in a text that moves forward and knows its line and column. Not for sharing between threads.</summary>
internal sealed class HoconReader(string text, string origin)
{
    private const string TripleQuote = "\"\"\"";

    /// <summary>Reserved by the specification outside of quotes.</summary>
    private const string Forbidden = "$\"{}[]:=,+#`^?!@*&\\";

    private int _index;
    private int _line = 1;
    private int _lineStart;

    public bool AtEnd => _index >= text.Length;

    public HoconPosition Position => new(origin, _line, _index - _lineStart + 1);

    public bool AtComment => Peek() == '#' || Looking("//");

    /// <summary>The character <paramref name="ahead"/> places on; NUL past the end.</summary>
    public char Peek(int ahead = 0) => _index + ahead < text.Length ? text[_index + ahead] : '\0';

    public bool Looking(string expected) => string.CompareOrdinal(text, _index, expected, 0, expected.Length) == 0;

    public char Take()
    {
        var taken = text[_index++];
        if (taken == '\n')
        {
            _line++;
            _lineStart = _index;
        }

        return taken;
    }

    public bool TryTake(char expected)
    {
        if (AtEnd || Peek() != expected)
            return false;
        Take();
        return true;
    }

    public bool TryTake(string expected)
    {
        if (!Looking(expected))
            return false;
        foreach (var _ in expected)
            Take();
        return true;
    }

    /// <summary>White space of one line.</summary>
    public string TakeBlanks()
    {
        var start = _index;
        while (!AtEnd && Peek() != '\n' && IsBlank(Peek()))
            Take();
        return text[start.._index];
    }

    /// <summary>White space, line ends and comments; true if a line ended.</summary>
    public bool SkipLines()
    {
        var line = _line;
        while (!AtEnd)
        {
            if (IsBlank(Peek()))
                Take();
            else if (AtComment)
                SkipComment();
            else
                break;
        }

        return _line != line;
    }

    public string TakeUnquoted(bool endsAtDot)
    {
        var start = _index;
        while (!AtEnd && !IsBlank(Peek()) && !AtComment && !(endsAtDot && Peek() == '.'))
        {
            // A plus is part of 1e+5, and of += it is not.
            if (Forbidden.Contains(Peek(), StringComparison.Ordinal) && (Peek() != '+' || Peek(1) == '='))
                break;
            Take();
        }

        return text[start.._index];
    }

    public string TakeQuoted() => Looking(TripleQuote) ? TakeTripleQuoted() : TakeSingleQuoted();

    /// <summary>What stands here, for messages.</summary>
    public string Describe() =>
        Peek() switch
        {
            _ when AtEnd => "the end",
            '\n' or '\r' => "the end of the line",
            var other => $"'{other}'",
        };

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';

    private void SkipComment()
    {
        while (!AtEnd && Peek() != '\n')
            Take();
    }

    private string TakeSingleQuoted()
    {
        var start = Position;
        Take();
        var value = new StringBuilder();
        while (true)
        {
            if (AtEnd || Peek() == '\n')
                throw start.Error("A quoted text does not end on its line");
            switch (Take())
            {
                case '"':
                    return value.ToString();
                case '\\':
                    value.Append(TakeEscaped());
                    break;
                case var plain:
                    value.Append(plain);
                    break;
            }
        }
    }

    private char TakeEscaped()
    {
        var position = Position;
        return AtEnd
            ? throw position.Error("A quoted text does not end")
            : Take() switch
            {
                '"' => '"',
                '\\' => '\\',
                '/' => '/',
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => TakeCodePoint(position),
                var other => throw position.Error($"\\{other} is not an escape; a backslash itself is written \\\\"),
            };
    }

    private char TakeCodePoint(HoconPosition position)
    {
        var end = Math.Min(_index + 4, text.Length);
        var digits = text.AsSpan(_index, end - _index);
        if (digits.Length < 4 || !ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out var code))
            throw position.Error("\\u is followed by four hexadecimal digits");
        _index = end;
        return (char)code;
    }

    private string TakeTripleQuoted()
    {
        var start = Position;
        TryTake(TripleQuote);
        var value = new StringBuilder();
        while (!TryTake(TripleQuote))
        {
            if (AtEnd)
                throw start.Error("A text in triple quotes does not end");
            value.Append(Take());
        }

        // More quotes than three at the end belong to the text.
        while (TryTake('"'))
            value.Append('"');
        return value.ToString();
    }
}

namespace Akka.Configuration.Hocon;

/// <summary>Text in, what it says out: recursive descent, one instance for one text.</summary>
/// <remarks>https://github.com/lightbend/config/blob/main/HOCON.md; a document is always an object here.</remarks>
internal sealed class HoconParser(string text, string origin, Func<string, HoconRoot?>? include)
{
    /// <summary>Far more than anybody writes, and far less than the stack holds.</summary>
    private const int DeepestNesting = 200;

    private readonly HoconReader _reader = new(text, origin);
    private int _depth;

    public HoconSyntax.Object ParseDocument()
    {
        _reader.SkipLines();
        var document = new HoconSyntax.Object(_reader.Position);
        if (_reader.TryTake('{'))
        {
            ParseFields(document, closing: '}');
            _reader.SkipLines();
        }
        else
        {
            ParseFields(document, closing: null);
        }

        return _reader.AtEnd ? document : throw Unexpected("The end is expected");
    }

    private void ParseFields(HoconSyntax.Object target, char? closing)
    {
        _reader.SkipLines();
        while (!AtClosing(closing))
        {
            if (!TryParseInclude(target))
                ParseField(target);
            ParseSeparator(closing);
        }

        if (closing is not null)
            _reader.Take();
    }

    private bool AtClosing(char? closing)
    {
        if (!_reader.AtEnd)
            return _reader.Peek() == closing;
        return closing is null ? true : throw Unexpected($"'{closing}' is expected");
    }

    /// <summary>Fields and items are separated by one comma or by line ends; a comma may follow the last one.</summary>
    private void ParseSeparator(char? closing)
    {
        var lineEnded = _reader.SkipLines();
        if (_reader.TryTake(','))
            _reader.SkipLines();
        else if (!lineEnded && !AtClosing(closing))
            throw Unexpected("A comma or the end of the line is expected");
    }

    private void ParseField(HoconSyntax.Object target)
    {
        var position = _reader.Position;
        var path = HoconPath.ReadKeys(_reader);
        _reader.SkipLines();
        if (_reader.TryTake("+="))
        {
            target.Define(
                path,
                new HoconSyntax.Concatenation(
                    position,
                    [new HoconSyntax.Previous(position), new HoconSyntax.Array(position, [ParseValue()])]
                )
            );
            return;
        }

        if (!_reader.TryTake('=') && !_reader.TryTake(':') && _reader.Peek() != '{')
            throw Unexpected($"'=', ':', '+=' or '{{' is expected after the key {string.Join('.', path)}");
        target.Define(path, ParseValue());
    }

    private HoconSyntax ParseValue()
    {
        _reader.SkipLines();
        var position = _reader.Position;
        if (++_depth > DeepestNesting)
            throw position.Error($"Nested deeper than {DeepestNesting} levels");
        List<HoconSyntax> parts = [];
        while (true)
        {
            var blanksAt = _reader.Position;
            var blanks = _reader.TakeBlanks();
            if (AtEndOfValue())
                break;
            if (parts.Count > 0 && blanks.Length > 0)
                parts.Add(new HoconSyntax.Text(blanksAt, blanks, isBlank: true));
            parts.Add(ParsePart());
        }

        _depth--;
        return parts switch
        {
            [] => throw Unexpected("A value is expected"),
            [var only] => only,
            _ => new HoconSyntax.Concatenation(position, parts),
        };
    }

    private bool AtEndOfValue() =>
        _reader.AtEnd || _reader.AtComment || _reader.Peek() is '\n' or '\r' or ',' or '}' or ']';

    private HoconSyntax ParsePart()
    {
        var position = _reader.Position;
        switch (_reader.Peek())
        {
            case '{':
                _reader.Take();
                var nested = new HoconSyntax.Object(position);
                ParseFields(nested, closing: '}');
                return nested;
            case '[':
                _reader.Take();
                return ParseArray(position);
            case '"':
                return new HoconSyntax.Text(position, _reader.TakeQuoted());
            case '$' when _reader.Peek(1) == '{':
                return ParseSubstitution(position);
            default:
                var unquoted = _reader.TakeUnquoted(endsAtDot: false);
                if (unquoted.Length == 0)
                    throw Unexpected("A value is expected, or quotes around it");
                return new HoconSyntax.Text(position, unquoted == "null" ? null : unquoted);
        }
    }

    private HoconSyntax.Array ParseArray(HoconPosition position)
    {
        List<HoconSyntax> items = [];
        _reader.SkipLines();
        while (!AtClosing(']'))
        {
            items.Add(ParseValue());
            ParseSeparator(']');
        }

        _reader.Take();
        return new HoconSyntax.Array(position, items);
    }

    private HoconSyntax.Substitution ParseSubstitution(HoconPosition position)
    {
        _reader.TryTake("${");
        var isOptional = _reader.TryTake('?');
        var path = HoconPath.ReadKeys(_reader);
        return _reader.TryTake('}')
            ? new HoconSyntax.Substitution(position, path, isOptional)
            : throw Unexpected("'}' is expected after the path of a substitution");
    }

    /// <summary>
    /// <c>include "name"</c>, <c>include file("name")</c>, either in <c>required(…)</c>. A key that merely begins
    /// with the word (<c>include = 1</c>, <c>include.x = 1</c>) is a key.
    /// </summary>
    private bool TryParseInclude(HoconSyntax.Object target)
    {
        const string word = "include";
        if (!_reader.Looking(word) || _reader.Peek(word.Length) is not (' ' or '\t'))
            return false;
        var ahead = word.Length;
        while (_reader.Peek(ahead) is ' ' or '\t')
            ahead++;
        if (_reader.Peek(ahead) is not ('"' or 'f' or 'r'))
            return false;

        var position = _reader.Position;
        _reader.TryTake(word);
        _reader.TakeBlanks();
        var isRequired = _reader.TryTake("required(");
        var isFile = _reader.TryTake("file(");
        if (_reader.Peek() != '"')
            throw Unexpected("The name of what to include is expected in quotes");
        var name = _reader.TakeQuoted();
        if ((isFile && !_reader.TryTake(')')) || (isRequired && !_reader.TryTake(')')))
            throw Unexpected("')' is expected after the name of what to include");
        Include(target, name, isRequired, position);
        return true;
    }

    private void Include(HoconSyntax.Object target, string name, bool isRequired, HoconPosition position)
    {
        if (include is null)
            throw position.Error($"\"{name}\" cannot be included: no include callback was given");
        HoconRoot? included;
        try
        {
            included = include(name);
        }
        catch (ConfigurationException inner)
        {
            throw position.Error($"In \"{name}\": {inner.Message}", inner);
        }

        if (included is null && isRequired)
            throw position.Error($"\"{name}\" is required and was not found");
        if (included is null)
            return;
        if (included.Value.GetObject() is not { } settings)
            throw position.Error($"\"{name}\" holds no object");
        target.Absorb(Quoted(settings, position));
    }

    /// <summary>What an included document resolved to, as if it had been written here.</summary>
    private static HoconSyntax.Object Quoted(HoconObject settings, HoconPosition position)
    {
        var syntax = new HoconSyntax.Object(position);
        foreach (var (key, value) in settings.Items)
            syntax.Define([key], Quoted(value, value.Position ?? position));
        return syntax;
    }

    private static HoconSyntax Quoted(HoconValue value, HoconPosition position)
    {
        if (value.GetObject() is { } settings)
            return Quoted(settings, position);
        if (value.IsArray())
        {
            return new HoconSyntax.Array(
                position,
                [.. value.GetArray().Select(item => Quoted(item, item.Position ?? position))]
            );
        }

        return new HoconSyntax.Text(position, value.GetString());
    }

    private ConfigurationException Unexpected(string expectation) =>
        _reader.Position.Error($"{expectation}, not {_reader.Describe()}");
}

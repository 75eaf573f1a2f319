namespace Akka.Configuration.Hocon;

/// <summary>What a key or a place in a list holds.</summary>
public class HoconValue : IMightBeAHoconObject
{
    internal HoconValue(List<IHoconElement> values, bool adoptedFromFallback = true)
    {
        Values = values;
    }

    /// <summary>Several texts read as one; an object or a list stands alone.</summary>
    internal List<IHoconElement> Values { get; }

    /// <summary>Where the value was written, for messages; null for one built by code.</summary>
    internal HoconPosition? Position { get; private init; }

    internal bool IsNull => Values is [HoconLiteral { Value: null }];

    internal static HoconValue Of(IHoconElement element, HoconPosition? position = null) =>
        new([element]) { Position = position };

    /// <summary>An object over an object is both merged; anything else hides what is below it.</summary>
    internal static HoconValue Merge(HoconValue over, HoconValue under)
    {
        if (over.GetObject() is not { IsFinal: false } above)
            return over;
        var merged = under.GetObject() is { } below ? HoconObject.Merge(above, below) : HoconObject.Final(above);
        return Of(merged, over.Position ?? under.Position);
    }

    public Config ToConfig() => new(new HoconRoot(AsObject()));

    public bool IsObject() => GetObject() is not null;

    public HoconObject? GetObject() =>
        Values switch
        {
            [HoconObject plain] => plain,
            [IMightBeAHoconObject other] => other.GetObject(),
            _ => null,
        };

    internal bool IsString() => Values.Count > 0 && Values.TrueForAll(static value => value.IsString());

    public bool IsArray() => Values is [var only] && only.IsArray();

    /// <returns>Null when this is no object or has no such key.</returns>
    internal HoconValue? GetChildObject(string key) => GetObject()?.GetKey(key);

    public string? GetString() => Values is [var only] ? Guarded(only.GetString) : Text("a text");

    internal bool GetBoolean() => Convert<bool>(HoconScalar.TryBoolean, "a boolean, such as on or off");

    public int GetInt() => Convert<int>(HoconScalar.TryInt, "a whole number of 32 bits");

    internal long GetLong() => Convert<long>(HoconScalar.TryLong, "a whole number of 64 bits");

    internal double GetDouble() => Convert<double>(HoconScalar.TryDouble, "a number");

    internal IList<int> GetIntList() => [.. GetArray().Select(static item => item.GetInt())];

    internal IList<string> GetStringList() => [.. GetArray().Select(static item => item.Text("a text"))];

    public IList<HoconValue> GetArray() =>
        Values is [var only] ? Guarded(only.GetArray) : throw Wrong($"\"{GetString()}\" is not a list");

    internal TimeSpan GetTimeSpan(bool allowInfinite = true)
    {
        var span = Convert<TimeSpan>(HoconScalar.TryTimeSpan, "a duration, such as 50 ms or 2 s");
        return span == Timeout.InfiniteTimeSpan && !allowInfinite
            ? throw Wrong($"\"{GetString()}\" is not allowed here: a finite duration is needed")
            : span;
    }

    internal long? GetByteSize() => Convert<long>(HoconScalar.TryByteSize, "a size, such as 64 KiB or 1 MB");

    public override string ToString() => HoconWriter.Write(this);

    internal HoconValue AsObject() => IsObject() ? this : throw Wrong($"{this} is not an object");

    private delegate bool Reader<T>(string text, out T value);

    private T Convert<T>(Reader<T> read, string kind)
    {
        var text = Text(kind);
        return read(text, out var value) ? value : throw Wrong($"\"{text}\" is not {kind}");
    }

    private string Text(string kind)
    {
        if (!IsString() || IsNull)
            throw Wrong($"{this} is not {kind}");
        return string.Concat(Values.Select(static value => value.GetString()));
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ConfigurationException wrong)
        {
            throw Wrong(wrong.Message);
        }
    }

    private ConfigurationException Wrong(string problem) =>
        Position is { } position ? position.Error(problem) : new ConfigurationException(problem);
}

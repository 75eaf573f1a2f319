namespace Akka.Configuration.Hocon;

public class HoconObject : IHoconElement
{
    public Dictionary<string, HoconValue> Items { get; } = new(StringComparer.Ordinal);

    public bool IsString() => false;

    public string GetString() => throw new ConfigurationException("an object is not a text");

    public bool IsArray() => false;

    public IList<HoconValue> GetArray() => throw new ConfigurationException("an object is not a list");

    internal HoconValue? GetKey(string key) => Items.GetValueOrDefault(key);

    public override string ToString() => HoconWriter.Write(this);

    /// <summary>
    /// Something that is no object was hidden by this one, and hides in turn whatever falls back later; else it would
    /// matter in which order configurations are merged.
    /// </summary>
    internal bool IsFinal { get; private init; }

    /// <summary>A new object: where both have a key, objects are merged and otherwise <paramref name="over"/> wins.</summary>
    internal static HoconObject Merge(HoconObject over, HoconObject under)
    {
        var merged = new HoconObject { IsFinal = under.IsFinal };
        foreach (var (key, value) in under.Items)
            merged.Items[key] = value;
        foreach (var (key, value) in over.Items)
        {
            merged.Items[key] = under.Items.TryGetValue(key, out var below) ? HoconValue.Merge(value, below) : value;
        }

        return merged;
    }

    internal static HoconObject Final(HoconObject settings)
    {
        var final = new HoconObject { IsFinal = true };
        foreach (var (key, value) in settings.Items)
            final.Items[key] = value;
        return final;
    }
}

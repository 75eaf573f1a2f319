using System.Diagnostics.CodeAnalysis;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>A tree of settings, read by dotted path (<c>a."b.c".d</c> where a key itself holds a dot).</summary>
/// <remarks>
/// Nothing here changes after construction, so a configuration may be read from any thread. A missing path, or
/// one set to <c>null</c>, gives the caller's default; a value of the wrong kind throws a
/// <see cref="ConfigurationException"/> that names path, value and place.
/// </remarks>
public class Config
{
    internal static readonly Config Empty = new();

    internal Config()
        : this(new HoconRoot(HoconValue.Of(new HoconObject()))) { }

    public Config(HoconRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        Root = root.Value;
    }

    /// <summary>What <paramref name="source"/> says, and where it is silent what <paramref name="fallback"/> says.</summary>
    internal Config(Config source, Config? fallback)
    {
        ArgumentNullException.ThrowIfNull(source);
        Fallback = fallback;
        Root = fallback is null ? source.Root : HoconValue.Merge(source.Root, fallback.Root);
    }

    /// <summary>What was merged below this configuration last; its settings are part of <see cref="Root"/>.</summary>
    public Config? Fallback { get; }

    public virtual bool IsEmpty => Root.GetObject() is not { Items.Count: > 0 };

    public virtual HoconValue Root { get; }

    public virtual bool GetBoolean(string path, bool @default = false) =>
        Read(path, @default, static value => value.GetBoolean());

    public virtual long? GetByteSize(string path) => GetByteSize(path, def: null);

    /// <summary>A number of bytes: <c>512</c>, <c>10 kB</c> (1,000s), <c>8 MiB</c> (1,024s).</summary>
    public virtual long? GetByteSize(string path, long? def = null) =>
        Read(path, def, static value => value.GetByteSize());

    public virtual int GetInt(string path, int @default = 0) => Read(path, @default, static value => value.GetInt());

    public virtual long GetLong(string path, long @default = 0) =>
        Read(path, @default, static value => value.GetLong());

    [return: NotNullIfNotNull(nameof(@default))]
    public virtual string? GetString(string path, string? @default = null) =>
        Read(path, @default, static value => value.GetString());

    public virtual double GetDouble(string path, double @default = 0) =>
        Read(path, @default, static value => value.GetDouble());

    public virtual IList<int> GetIntList(string path) => Read<IList<int>>(path, [], static value => value.GetIntList());

    /// <returns>Empty when nothing is set at <paramref name="path"/>.</returns>
    public virtual IList<string> GetStringList(string path) =>
        Read<IList<string>>(path, [], static value => value.GetStringList());

    /// <returns>Null when nothing is set at <paramref name="path"/>.</returns>
    public virtual Config? GetConfig(string path) =>
        Read<Config?>(path, null, static value => new Config(new HoconRoot(value.AsObject())));

    /// <returns>Null when nothing is set at <paramref name="path"/>.</returns>
    public HoconValue? GetValue(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var value = Root;
        foreach (var key in HoconPath.Parse(path))
        {
            if (value.GetChildObject(key) is not { } child)
                return null;
            value = child;
        }

        return value.IsNull ? null : value;
    }

    /// <summary>
    /// A length of time: <c>50 ms</c>, <c>1.5 s</c>, a bare number of milliseconds, or <c>infinite</c>
    /// (<see cref="Timeout.InfiniteTimeSpan"/>) where the caller allows it.
    /// </summary>
    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        Read(path, @default ?? TimeSpan.Zero, value => value.GetTimeSpan(allowInfinite));

    public virtual Config WithFallback(Config fallback)
    {
        if (fallback.IsNullOrEmpty() || ReferenceEquals(fallback, this))
            return this;
        return new Config(this, fallback);
    }

    public virtual bool HasPath(string path) => GetValue(path) is not null;

    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    /// <summary>The settings of the first level, each with all that is below it.</summary>
    public virtual IEnumerable<KeyValuePair<string, HoconValue>> AsEnumerable() => Root.GetObject()?.Items ?? [];

    /// <summary>The same settings as text that <see cref="ConfigurationFactory.ParseString(string)"/> reads back.</summary>
    public override string ToString() => Root.ToString();

    private T Read<T>(string path, T @default, Func<HoconValue, T> read)
    {
        if (GetValue(path) is not { } value)
            return @default;
        try
        {
            return read(value);
        }
        catch (ConfigurationException wrong)
        {
            throw new ConfigurationException($"Setting {path}: {wrong.Message}", wrong);
        }
    }
}

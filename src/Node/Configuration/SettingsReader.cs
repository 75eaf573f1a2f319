using System.Globalization;
using Akka.Configuration;

namespace Failover.Node.Configuration;

/// <summary>Reads settings below one path; whatever is wrong is said in one line that names the whole key.</summary>
internal sealed class SettingsReader(Config config, string root)
{
    public string Text(string key) => Read(key, path => config.GetString(path)) ?? "";

    public string Required(string key)
    {
        var value = Text(key);
        return value.Length > 0 ? value : throw new SettingsException($"{root}.{key} must be set");
    }

    /// <summary>A node's name.</summary>
    public string Name(string key) => CheckName(key, Required(key));

    public IEnumerable<string> Names(string key)
    {
        var names = Read(key, path => config.GetStringList(path));
        return names.Count > 0
            ? names.Select(n => CheckName(key, n))
            : throw new SettingsException($"{root}.{key} must be set");
    }

    /// <summary>Any texts, possibly none.</summary>
    public IEnumerable<string> Texts(string key) => Read(key, path => config.GetStringList(path));

    public bool Bool(string key) => Read(key, path => config.GetBoolean(path));

    public int Int(string key, int min, int max) => InBounds(key, Read(key, path => config.GetInt(path)), min, max);

    public double Double(string key, double min, double max) =>
        InBounds(key, Read(key, path => config.GetDouble(path)), min, max);

    public long Bytes(string key, long min, long max) =>
        Read(key, path => config.GetByteSize(path, null)) is { } bytes && bytes >= min && bytes <= max
            ? bytes
            : throw new SettingsException(
                $"{root}.{key} is {Text(key)}; it must be a size between {Show(min)} and {Show(max)}"
            );

    public TimeSpan Duration(string key) => Duration(key, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));

    public TimeSpan Duration(string key, TimeSpan min, TimeSpan max)
    {
        var value = Read(key, path => config.GetTimeSpan(path, null, false));
        if (value < min || value > max)
            throw new SettingsException(
                $"{root}.{key} is {Show(value)}; it must be between {Show(min)} and {Show(max)}"
            );
        return value;
    }

    public string OneOf(string key, params string[] allowed)
    {
        var value = Required(key);
        return allowed.Contains(value)
            ? value
            : throw new SettingsException(
                $"{root}.{key} is \"{value}\"; it must be one of {string.Join(", ", allowed)}"
            );
    }

    private string CheckName(string key, string name) =>
        IsNodeName(name)
            ? name
            : throw new SettingsException(
                $"{root}.{key}: \"{name}\" is not a node name (letters, digits, '-', '_' and '.')"
            );

    private T InBounds<T>(string key, T value, T min, T max)
        where T : IComparable<T> =>
        value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? value
            : throw new SettingsException($"{root}.{key} is {value}; it must be between {min} and {max}");

    private T Read<T>(string key, Func<string, T> read)
    {
        try
        {
            return read($"{root}.{key}");
        }
        catch (Exception malformed) when (malformed is ConfigurationException or FormatException or OverflowException)
        {
            throw new SettingsException($"{root}.{key} cannot be read: {malformed.Message}");
        }
    }

    private static string Show(long bytes) =>
        bytes switch
        {
            >= 1L << 40 => $"{bytes >> 40} TiB",
            >= 1L << 30 => $"{bytes >> 30} GiB",
            >= 1L << 20 => $"{bytes >> 20} MiB",
            >= 1L << 10 => $"{bytes >> 10} KiB",
            _ => $"{bytes} B",
        };

    private static string Show(TimeSpan value) =>
        value < TimeSpan.FromSeconds(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0.###} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.###} s");

    // No regular expression, however simple, is worth loading their library into every node.
    private static bool IsNodeName(string name) =>
        name.Length is > 0 and <= 63
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

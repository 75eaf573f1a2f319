using System.Globalization;

namespace Akka.Util;

/// <summary>The version of the application that a cluster node runs: dotted numbers, then an optional qualifier after a dash.</summary>
/// <remarks>A version with a qualifier ("1.2-RC1") comes before the same one without.</remarks>
public class AppVersion : IComparable<AppVersion>, IEquatable<AppVersion>
{
    public static readonly AppVersion Zero = new("0.0.0", [0, 0, 0], "");

    private readonly int[] _numbers;
    private readonly string _qualifier;

    private AppVersion(string version, int[] numbers, string qualifier)
    {
        Version = version;
        _numbers = numbers;
        _qualifier = qualifier;
    }

    public string Version { get; }

    public static AppVersion Create(string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        var end = version.IndexOfAny(['-', '+', ' ']);
        var core = end < 0 ? version : version[..end];
        var qualifier = end < 0 ? "" : version[(end + 1)..];

        var numbers = new List<int>();
        foreach (var part in core.Split('.'))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return new AppVersion(version, [], version);
            numbers.Add(number);
        }

        return new AppVersion(version, [.. numbers], qualifier);
    }

    public int CompareTo(AppVersion? other)
    {
        if (other is null)
            return 1;

        for (var i = 0; i < Math.Max(_numbers.Length, other._numbers.Length); i++)
        {
            var difference = NumberAt(i).CompareTo(other.NumberAt(i));
            if (difference != 0)
                return difference;
        }

        return (_qualifier.Length, other._qualifier.Length) switch
        {
            (0, 0) => 0,
            (0, _) => 1,
            (_, 0) => -1,
            _ => string.CompareOrdinal(_qualifier, other._qualifier),
        };
    }

    public bool Equals(AppVersion? other) => other is not null && Version == other.Version;

    public override bool Equals(object? obj) => obj is AppVersion other && Equals(other);

    public override int GetHashCode() => Version.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Version;

    private int NumberAt(int i) => i < _numbers.Length ? _numbers[i] : 0;
}

using System.Collections;
using System.Collections.Immutable;
using System.Globalization;

namespace Failover.Core.Tests;

/// <summary>
/// Writes a value out with everything in it. Records compare the collections they hold by reference; what is
/// written out compares by content, and a difference can be read.
/// </summary>
internal static class Spelled
{
    public static void Equal<T>(IEnumerable<T> expected, IEnumerable<T> actual) =>
        Assert.Equal(Lines(expected.Cast<object?>()), Lines(actual.Cast<object?>()));

    public static void Same(object? expected, object? actual) => Assert.Equal(Out(expected), Out(actual));

    public static string Out(object? value) =>
        value switch
        {
            null => "null",
            string text => $"\"{text}\"",
            IDictionary map => Map(map),
            IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Out))}]",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            ValueType id => id.ToString()!,
            _ => Record(value),
        };

    private static string Lines(IEnumerable<object?> items) => string.Join('\n', items.Select(Out));

    private static string Map(IDictionary map) =>
        "{"
        + string.Join(
            ", ",
            map.Keys.Cast<object>().Select(k => $"{Out(k)}: {Out(map[k])}").Order(StringComparer.Ordinal)
        )
        + "}";

    private static string Record(object value)
    {
        var members = value
            .GetType()
            .GetProperties()
            .Where(p => p.GetMethod is { IsStatic: false } && p.GetIndexParameters().Length == 0)
            .Select(p => $"{p.Name} = {Out(p.GetValue(value))}");
        return $"{value.GetType().Name}({string.Join(", ", members)})";
    }
}

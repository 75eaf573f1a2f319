using System.Collections;
using System.Globalization;

namespace Failover.Messages.Tests;

/// <summary>
/// Writes a value out with everything in it. Records compare the collections they hold by reference; what is
/// written out compares by content, and a difference can be read.
/// </summary>
internal static class Spelled
{
    public static void Same(object? expected, object? actual) => Assert.Equal(Out(expected), Out(actual));

    public static string Out(object? value) =>
        value switch
        {
            null => "null",
            string text => $"\"{text}\"",
            bool truth => truth.ToString(),
            IDictionary map =>
                $"{{{string.Join(", ", map.Keys.Cast<object>().Select(k => $"{Out(k)}: {Out(map[k])}"))}}}",
            IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Out))}]",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            // Several ids say less than they hold when they are written for people.
            _ => Members(value),
        };

    private static string Members(object value)
    {
        // What has no setter follows from the rest; a pair's halves are the exception.
        var isPair = value.GetType().Name.StartsWith(nameof(KeyValuePair), StringComparison.Ordinal);
        var members = value
            .GetType()
            .GetProperties()
            .Where(p => p.GetMethod is { IsStatic: false } && (p.CanWrite || isPair))
            .Select(p => $"{p.Name} = {Out(p.GetValue(value))}");
        return $"{value.GetType().Name}({string.Join(", ", members)})";
    }
}

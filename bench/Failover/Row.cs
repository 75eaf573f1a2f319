using System.Globalization;

namespace Failover.Bench.Failover;

/// <summary>What a scenario showed: named values, and every promise that was broken, a sentence each.</summary>
internal sealed record Row(
    string Scenario,
    IReadOnlyList<(string Name, string Value)> Columns,
    IReadOnlyList<string> Broken
)
{
    private const int BrokenShown = 20;

    public void Write(TextWriter output, TextWriter errors)
    {
        (string Name, string Value)[] all =
        [
            ("scenario", Scenario),
            .. Columns,
            ("kept", Broken.Count == 0 ? "yes" : "NO"),
        ];
        output.WriteLine(string.Join("  ", all.Select(c => c.Name.PadLeft(Width(c)))));
        output.WriteLine(string.Join("  ", all.Select(c => c.Value.PadLeft(Width(c)))));
        foreach (var broken in Broken.Take(BrokenShown))
            errors.WriteLine($"broken: {broken}");
        if (Broken.Count > BrokenShown)
            errors.WriteLine($"broken: and {Broken.Count - BrokenShown} more");
    }

    private static int Width((string Name, string Value) column) => Math.Max(column.Name.Length, column.Value.Length);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Ms(TimeSpan value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0} ms");

    public static string Ms(IEnumerable<TimeSpan> values, double quantile) => Ms(Quantile.Of(values, quantile));
}

/// <summary>What a scenario is asked for.</summary>
/// <param name="Writers">How many clients write at once.</param>
/// <param name="Options">Further options of <c>failover up</c>.</param>
internal sealed record Order(int Rounds, int Writers, string[] Options);

/// <summary>One thing that is shown with real processes.</summary>
internal sealed record Scenario(string Name, string What, int Rounds, int Writers, Func<Order, Task<Row>> Run);

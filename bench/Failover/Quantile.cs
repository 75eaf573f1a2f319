namespace Failover.Bench;

/// <summary>Quantiles as the tables give them: always a value that was measured, never one in between.</summary>
internal static class Quantile
{
    /// <param name="values">At least one.</param>
    /// <param name="fraction">Between 0 and 1: 0.99 is the value that 99 % do not exceed.</param>
    public static T Of<T>(IEnumerable<T> values, double fraction)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}

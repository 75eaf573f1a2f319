namespace Failover.Simulation;

/// <summary>A promise was broken.</summary>
/// <param name="rule">Which one, in a few words: two schedules break the same promise when these are equal.</param>
/// <param name="what">What was seen.</param>
internal sealed class Violation(string rule, string what) : Exception($"{rule}: {what}")
{
    public string Rule => rule;
}

using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>Finds a shorter schedule that breaks the same promise, by leaving things out one at a time.</summary>
internal static class Shrinker
{
    private const int RunsAtMost = 200;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);

    public static Scenario Shrink(Scenario scenario, string? mutant, Outcome outcome)
    {
        var runs = 0;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        bool StillBreaks(Scenario candidate) =>
            runs++ < RunsAtMost && watch.Elapsed < _patience && Campaign.Run(candidate, mutant).Rule == outcome.Rule;

        var shrunk = true;
        while (shrunk)
        {
            shrunk = false;
            foreach (var candidate in Simpler(scenario))
            {
                if (!StillBreaks(candidate))
                    continue;
                scenario = candidate;
                shrunk = true;
                break;
            }
        }

        return scenario;
    }

    private static IEnumerable<Scenario> Simpler(Scenario scenario)
    {
        for (var i = scenario.Faults.Count - 1; i >= 0; i--)
            yield return scenario with
            {
                Faults = [.. scenario.Faults.Where((_, at) => at != i)],
            };
        if (scenario.Clients > 1)
            yield return scenario with
            {
                Clients = scenario.Clients - 1,
            };
        if (scenario.Partitions > 1)
            yield return scenario with
            {
                Partitions = scenario.Partitions - 1,
            };
        if (scenario.Loss > 0)
            yield return scenario with
            {
                Loss = 0,
            };
        if (scenario.Duplication > 0)
            yield return scenario with
            {
                Duplication = 0,
            };
        if (scenario.Stragglers > 0)
            yield return scenario with
            {
                Stragglers = 0,
            };
        if (scenario.ClockSkew > 0)
            yield return scenario with
            {
                ClockSkew = 0,
            };
        if (scenario.OneStaysDead)
            yield return scenario with
            {
                OneStaysDead = false,
            };
        if (!scenario.Ordered)
            yield return scenario with
            {
                Ordered = true,
            };
    }
}

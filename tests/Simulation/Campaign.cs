using System.Globalization;
using Failover.Core;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>How one run ended.</summary>
internal sealed record Outcome(string? Rule, string? What, ulong TraceHash, long Steps, int Acknowledged)
{
    public bool Violated => Rule is not null;
}

/// <summary>Many seeds, on all processors, each on one thread.</summary>
internal sealed class Campaign(string? mutant)
{
    private const int ReportedInFull = 5;
    private int _reported;

    public static Outcome Run(Scenario scenario, string? mutant, Action<string>? log = null)
    {
        Mutant.Active = mutant;
        var world = new World(scenario, log);
        try
        {
            world.Run();
            return new Outcome(null, null, world.TraceHash, world.Steps, world.AcknowledgedWrites);
        }
        catch (Violation violation)
        {
            return new Outcome(
                violation.Rule,
                violation.Message,
                world.TraceHash,
                world.Steps,
                world.AcknowledgedWrites
            );
        }
        catch (Exception broken)
        {
            // Whatever the core throws is a finding, not a reason to stop the campaign.
            return new Outcome(
                broken.GetType().Name + ": " + broken.Message,
                broken.ToString(),
                world.TraceHash,
                world.Steps,
                world.AcknowledgedWrites
            );
        }
        finally
        {
            Mutant.Active = null;
        }
    }

    public int Run(ulong from, int seeds)
    {
        var violations = 0;
        Parallel.For(
            0,
            seeds,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            i =>
            {
                var seed = from + (ulong)i;
                var outcome = Run(Scenario.FromSeed(seed), mutant);
                if (!outcome.Violated)
                    return;
                Interlocked.Increment(ref violations);
                Report(seed, outcome);
            }
        );
        return violations;
    }

    private void Report(ulong seed, Outcome outcome)
    {
        if (Interlocked.Increment(ref _reported) > ReportedInFull)
        {
            Console.WriteLine($"seed {seed}: {outcome.Rule}");
            return;
        }

        var shortest = Shrinker.Shrink(Scenario.FromSeed(seed), mutant, outcome);
        lock (this)
        {
            Console.WriteLine($"seed {seed}: {outcome.What}");
            Console.WriteLine($"  shortest schedule found: {shortest.Clients} clients, {shortest.Faults.Count} faults");
            foreach (var fault in shortest.Faults)
                Console.WriteLine($"    {fault}");
            var options = mutant is null ? "" : $" --mutant {mutant}";
            Console.WriteLine(
                $"  dotnet run -c Release --project tests/Simulation -- --replay {seed.ToString(CultureInfo.InvariantCulture)}{options}"
            );
        }
    }

    /// <summary>Runs the shortest schedule that breaks the same promise, twice, and prints what happens in it.</summary>
    public static int Replay(ulong seed, string? mutant)
    {
        var scenario = Scenario.FromSeed(seed);
        var outcome = Run(scenario, mutant);
        if (outcome.Violated)
            scenario = Shrinker.Shrink(scenario, mutant, outcome);
        var first = Run(scenario, mutant, Console.WriteLine);
        var second = Run(scenario, mutant);
        if (first.TraceHash != second.TraceHash)
        {
            Console.WriteLine("the replay went another way: the simulation is not deterministic");
            return 1;
        }

        Console.WriteLine(scenario with { Faults = [] });
        foreach (var fault in scenario.Faults)
            Console.WriteLine($"  {fault}");
        Console.WriteLine(
            $"trace {first.TraceHash:x16}, {first.Steps} steps, {first.Acknowledged} acknowledged writes: {first.What ?? "no violation"}"
        );
        return first.Violated ? 1 : 0;
    }
}

using System.Diagnostics;
using Failover.Core;
using Failover.Simulation;
using Failover.Simulation.Scenarios;

ulong from = 1;
var seeds = 1_000;
ulong? replay = null;
string? mutant = null;
var table = false;
for (var i = 0; i < args.Length; i++)
{
    string Next() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value");
    switch (args[i])
    {
        case "--seeds":
            seeds = int.Parse(Next(), System.Globalization.CultureInfo.InvariantCulture);
            break;
        case "--from":
            from = ulong.Parse(Next(), System.Globalization.CultureInfo.InvariantCulture);
            break;
        case "--replay":
            replay = ulong.Parse(Next(), System.Globalization.CultureInfo.InvariantCulture);
            break;
        case "--mutant":
            mutant = Next();
            break;
        case "--mutants":
            table = true;
            break;
        default:
            Console.Error.WriteLine(
                "usage: --seeds N --from S [--replay SEED] [--mutant NAME | --mutants]; mutants: "
                    + string.Join(", ", Mutant.All)
            );
            return 2;
    }
}

if (mutant is not null && !Mutant.All.Contains(mutant))
{
    Console.Error.WriteLine($"no mutant is called {mutant}; there are: {string.Join(", ", Mutant.All)}");
    return 2;
}

if (table)
    return new MutantTable(from, seeds).Print(Console.Out) ? 0 : 1;
if (replay is { } seed)
    return Campaign.Replay(seed, mutant);
var watch = Stopwatch.StartNew();
var violations = new Campaign(mutant).Run(from, seeds);
Console.WriteLine(
    FormattableString.Invariant(
        $"{seeds / watch.Elapsed.TotalMinutes:0} seeds a minute, {watch.Elapsed.TotalSeconds:0.0} s"
    )
);
Console.WriteLine($"seeds={seeds} violations={violations}");
return violations == 0 ? 0 : 1;

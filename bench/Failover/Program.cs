// How long writes stand still when the primary dies, is frozen, or hands over; and whether anything acknowledged is lost.
//   dotnet run -c Release --project bench/Failover -- [kill|freeze|switchover|all] [--rounds N] [up's options…]
using Failover.Bench.Failover;

var arguments = args.ToList();
var rounds = 20;
if (arguments.IndexOf("--rounds") is var at and >= 0)
{
    if (at + 1 >= arguments.Count || !int.TryParse(arguments[at + 1], out rounds) || rounds < 1)
    {
        Console.Error.WriteLine("error: --rounds takes a positive number");
        return 2;
    }

    arguments.RemoveRange(at, 2);
}

string[] known = ["kill", "freeze", "switchover"];
var chosen = known.Where(s => arguments.Count == 0 || arguments[0] == s || arguments[0] == "all").ToArray();
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"error: unknown scenario '{arguments[0]}'; there are {string.Join(", ", known)} and all");
    return 2;
}

string[] options = [.. arguments.Skip(1)];
var lost = 0;
Console.WriteLine(
    $"{"scenario", -11} {"rounds", 6} {"p50", 8} {"p90", 8} {"max", 8}  {"rejoin p50", 10} {"max", 8}  {"acked", 8} {"lost", 5} {"failed", 6}  identical"
);
foreach (var scenario in chosen)
{
    var result = await Scenario.Run(scenario, rounds, options).ConfigureAwait(false);
    Console.WriteLine(result);
    lost += result.Lost + (result.Identical ? 0 : 1);
}

return lost == 0 ? 0 : 1;

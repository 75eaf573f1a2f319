// What real processes do when they are killed, frozen, switched over: how long writes stand still, and whether every promise is kept.
//   dotnet run -c Release --project bench/Failover -- [SCENARIO|all] [--rounds N] [--writers N] [up's options…]
using Failover.Bench.Failover;
using Failover.Bench.Failover.Scenarios;

Scenario[] scenarios =
[
    new("kill", "SIGKILL of the primary, which is started again", 20, 1, o => Losses.Run("kill", o)),
    new(
        "freeze",
        "SIGSTOP of the primary, which goes on after its successor serves",
        20,
        1,
        o => Losses.Run("freeze", o)
    ),
    new("switchover", "planned switchovers under load", 20, 1, o => Losses.Run("switchover", o)),
    new(
        "sessions",
        "SIGKILLs under clients on sessions: nothing lost, nothing twice, linearizable",
        20,
        8,
        Sessions.Run
    ),
    new("blackout", "SIGKILL of all processes at once, and a start of all", 5, 8, Blackout.Run),
    new("partitions", "three data nodes, eight partitions: a death moves the dead node's alone", 5, 6, Partitions.Run),
    new("recovery", "a start with a log of 1,000,000 small entries", 3, 1, Recovery.Run),
    new(
        "memory-restart",
        "durability = memory, all killed: no service until an operator decides",
        1,
        4,
        MemoryRestart.Run
    ),
];

var arguments = args.ToList();
if (!TryTake("--rounds", out var rounds) || !TryTake("--writers", out var writers))
    return 2;
var name = arguments.Count == 0 ? "all" : arguments[0];
var chosen = scenarios.Where(s => name == "all" || s.Name == name).ToArray();
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"error: unknown scenario '{name}'; there are all and");
    foreach (var scenario in scenarios)
        Console.Error.WriteLine($"  {scenario.Name, -15} {scenario.What}, {scenario.Rounds} rounds");
    return 2;
}

var broken = 0;
foreach (var scenario in chosen)
{
    var order = new Order(rounds ?? scenario.Rounds, writers ?? scenario.Writers, [.. arguments.Skip(1)]);
    try
    {
        var row = await scenario.Run(order).ConfigureAwait(false);
        row.Write(Console.Out, Console.Error);
        broken += row.Broken.Count;
    }
    catch (Exception stuck) when (stuck is TimeoutException or OperationCanceledException or InvalidOperationException)
    {
        Console.Error.WriteLine($"broken: {scenario.Name} did not end: {stuck.Message}");
        broken++;
    }
}

return broken == 0 ? 0 : 1;

bool TryTake(string option, out int? value)
{
    value = null;
    if (arguments.IndexOf(option) is not (var at and >= 0))
        return true;
    if (at + 1 >= arguments.Count || !int.TryParse(arguments[at + 1], out var number) || number < 1)
    {
        Console.Error.WriteLine($"error: {option} takes a positive number");
        return false;
    }

    value = number;
    arguments.RemoveRange(at, 2);
    return true;
}

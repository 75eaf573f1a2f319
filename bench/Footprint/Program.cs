// What a node costs: processor time and memory of a formation that nobody uses, and how long a node takes to start.
//   dotnet run -c Release --project bench/Footprint -- [idle|start|all] [--seconds N] [--rounds N] [--threads] [up's options…]
using Failover.Bench.Footprint;

var arguments = args.ToList();
if (!TryTake("--seconds", 20, out var seconds) || !TryTake("--rounds", 5, out var rounds))
{
    Console.Error.WriteLine("error: --seconds and --rounds take a positive number");
    return 2;
}

var threads = arguments.Remove("--threads");
var mode = "all";
if (arguments is [var first, ..] && !first.StartsWith('-'))
{
    if (first is not ("idle" or "start" or "all"))
    {
        Console.Error.WriteLine($"error: unknown mode '{first}'; there are idle, start and all");
        return 2;
    }

    mode = first;
    arguments.RemoveAt(0);
}

string[] options = [.. arguments];
if (mode is "idle" or "all")
    await Idle.Run(TimeSpan.FromSeconds(seconds), threads, options).ConfigureAwait(false);
if (mode is "start" or "all")
    await StartUp.Run(rounds, options).ConfigureAwait(false);
return 0;

bool TryTake(string option, int otherwise, out int value)
{
    value = otherwise;
    var at = arguments.IndexOf(option);
    if (at < 0)
        return true;
    if (at + 1 >= arguments.Count || !int.TryParse(arguments[at + 1], out value) || value < 1)
        return false;
    arguments.RemoveRange(at, 2);
    return true;
}

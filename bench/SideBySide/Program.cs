// Ours beside etcd and Redis with Sentinel: the same machine, the same run, the same clients. See docs/comparison.md.
//   dotnet run -c Release --project bench/SideBySide -- [kill|freeze|throughput|all] [--rounds N] [--only NAME] [--document FILE]
using Failover.Bench.SideBySide;

var order = Order.From(args, Console.Error);
if (order is null)
    return 2;

// Servers that were left behind would be in everybody's way: Ctrl+C and SIGTERM end the run as an error would.
using var stop = new Interrupt();
var directory = Directory.CreateTempSubdirectory("side-by-side-").FullName;
try
{
    var run = new Run(order, directory, Console.Error, stop.Token);
    return await run.All().ConfigureAwait(false) ? 0 : 1;
}
catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
{
    Console.Error.WriteLine("interrupted");
    return 1;
}
finally
{
    Directory.Delete(directory, recursive: true);
}

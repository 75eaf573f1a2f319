// Attacks a system's remoting with garbage of every kind, and looks whether a connection beside it notices anything.
//   dotnet run -c Release --project tests/RemoteFuzz -- [options]
//       --minutes M | --seconds S   how long (20 seconds)
//       --seed N                    which garbage (a fresh one, which is printed)
//       --tls                       with TLS between all, and attackers inside and outside of it
// Exit code 1: something was lost, out of order, failed, or memory grew.
using Failover.RemoteFuzz;

if (!FuzzOptions.TryParse(args, out var options))
{
    Console.Error.WriteLine("usage: [--minutes M | --seconds S] [--seed N] [--tls]");
    return 2;
}

var report = await FuzzRun.RunAsync(options).ConfigureAwait(false);
Console.WriteLine(report);
return report.Failures.Count == 0 ? 0 : 1;

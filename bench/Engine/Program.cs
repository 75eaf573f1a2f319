// What the actor engine does in a second, and what it allocates. The engine is the one that the build chose (-p:ActorEngine=Akka).
//   dotnet run -c Release --project bench/Engine -- local [--into FILE]    BenchmarkDotNet: tell and ask within one process
//   dotnet run -c Release --project bench/Engine -- remote [options]       two processes on loopback
//       --runs N      runs of each row, of which the median is shown (5)
//       --seconds S   how long each run lasts (2)
//       --only TEXT   rows whose name contains it
//       --into FILE   also put the table into this document, between its marks (docs/engine.md)
using Failover.Bench.Engine;
using Failover.Bench.Engine.Local;
using Failover.Bench.Engine.Remote;

if (args is ["peers", var count])
    return await PeerProcess.Serve(int.Parse(count, null)).ConfigureAwait(false);
if (args is ["local"])
    return LocalRun.Print(document: null);
if (args is ["local", "--into", var file])
    return LocalRun.Print(file);
if (args is ["remote", .. var rest] && RemoteOptions.TryParse(rest, out var options))
    return await RemoteRun.Print(options).ConfigureAwait(false);
Console.Error.WriteLine("usage: local [--into FILE] | remote [--runs N] [--seconds S] [--only TEXT] [--into FILE]");
return 2;

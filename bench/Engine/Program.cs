// What the actor engine does in a second, and what it allocates. The engine is the one that the build chose (-p:ActorEngine=Akka).
//   dotnet run -c Release --project bench/Engine -- local [--into FILE]    BenchmarkDotNet: tell and ask within one process
//   dotnet run -c Release --project bench/Engine -- remote [options]       two processes on loopback
//   dotnet run -c Release --project bench/Engine -- peers [options]        one process that talks to 1, 2, 4 and 8 others
//       --runs N      runs of each row, of which the median is shown (5)
//       --seconds S   how long each run lasts (1.5)
//       --only TEXT   rows whose name contains it
//       --into FILE   also put the table into this document, between its marks (docs/engine.md)
using Failover.Bench.Engine;
using Failover.Bench.Engine.Local;
using Failover.Bench.Engine.Remote;

if (args is ["serve"])
    return await PeerProcess.Serve().ConfigureAwait(false);
if (args is ["local"])
    return LocalRun.Print(document: null);
if (args is ["local", "--into", var file])
    return LocalRun.Print(file);
if (args is ["remote", .. var remote] && RemoteOptions.TryParse(remote, out var options))
    return await RemoteRun.Print("remote", RemoteRun.TwoProcesses, [1], options).ConfigureAwait(false);
if (args is ["peers", .. var peers] && RemoteOptions.TryParse(peers, out options))
    return await RemoteRun.Print("peers", RemoteRun.ManyPeers, [1, 2, 4, 8], options).ConfigureAwait(false);
Console.Error.WriteLine(
    "usage: local [--into FILE] | remote|peers [--runs N] [--seconds S] [--only TEXT] [--into FILE]"
);
return 2;

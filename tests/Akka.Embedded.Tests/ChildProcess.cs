using System.Runtime.InteropServices;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests;

/// <summary>This assembly as a process of its own: a cluster node that says on its output how it ends.</summary>
public static class ChildProcess
{
    private static readonly string[] Phases =
    [
        CoordinatedShutdown.PhaseBeforeServiceUnbind,
        CoordinatedShutdown.PhaseClusterLeave,
        CoordinatedShutdown.PhaseClusterExiting,
        CoordinatedShutdown.PhaseClusterExitingDone,
        CoordinatedShutdown.PhaseClusterShutdown,
        CoordinatedShutdown.PhaseActorSystemTerminate,
    ];

    /// <param name="args">The address of the node to join, and HOCON.</param>
    public static async Task Main(string[] args)
    {
        if (args is not [var seed, var hocon])
            throw new ArgumentException("This is a test assembly: run it with `dotnet test`.");

        var system = ActorSystem.Create("specs", ConfigurationFactory.ParseString(hocon));
        var shutdown = CoordinatedShutdown.Get(system);
        foreach (var phase in Phases)
            shutdown.AddTask(
                phase,
                "say",
                () =>
                {
                    Console.WriteLine(phase);
                    return Task.FromResult(Done.Instance);
                }
            );

        // Since .NET 10 the runtime leaves it to the program to make an exit of the signal.
        using var signal = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM,
            context =>
            {
                context.Cancel = true;
                Environment.Exit(0);
            }
        );
        await ClusterNode.Get(system).JoinAsync(Address.Parse(seed));
        Console.WriteLine("up");
        if (await Console.In.ReadLineAsync() is not null)
            Environment.Exit(0);
        await Task.Delay(Timeout.Infinite);
    }
}

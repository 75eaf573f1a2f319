using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using static Akka.Cluster.ClusterEvent;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>How a node leaves whose process exits, or is asked to by SIGTERM.</summary>
public sealed class ProcessExitSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.StopAll();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_phases_run_and_the_node_leaves_the_cluster_before_the_process_ends(bool bySignal)
    {
        var (said, events) = await EndChild("akka.coordinated-shutdown.run-by-clr-shutdown-hook = on", bySignal);

        Assert.Equal(
            [
                "before-service-unbind",
                "cluster-leave",
                "cluster-exiting",
                "cluster-exiting-done",
                "cluster-shutdown",
                "actor-system-terminate",
            ],
            said
        );
        Assert.Equal(MemberStatus.Exiting, (await events.First<MemberRemoved>()).PreviousStatus);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_the_hook_the_process_ends_without_a_word(bool bySignal)
    {
        var (said, events) = await EndChild("akka.coordinated-shutdown.run-by-clr-shutdown-hook = off", bySignal);

        Assert.Empty(said);
        await events.First<UnreachableMember>();
    }

    /// <summary>Starts a process that joins, makes it end once it is up, and returns what it said after that.</summary>
    private async Task<(string[] Said, ClusterEvents Events)> EndChild(string hocon, bool bySignal)
    {
        var systems = await _cluster.Form(1);
        var events = ClusterEvents.Of(
            systems[0],
            InitialStateAsSnapshot,
            typeof(MemberRemoved),
            typeof(IReachabilityEvent)
        );
        using var child = Process.Start(
            new ProcessStartInfo("dotnet")
            {
                ArgumentList =
                {
                    typeof(ChildProcess).Assembly.Location,
                    SelfAddress(systems[0]).ToString(),
                    ClusterSystems.Settings(port: 0) + "\n" + hocon,
                },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            while (await child.StandardOutput.ReadLineAsync(patience.Token) is { } line && line != "up")
                Assert.DoesNotContain("rror", line);
            if (bySignal)
                Process.Start("kill", ["-TERM", $"{child.Id}"]).Dispose();
            else
                await child.StandardInput.WriteLineAsync("exit");
            var said = await child.StandardOutput.ReadToEndAsync(patience.Token);
            await child.WaitForExitAsync(patience.Token);
            return ([.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(s => s[0] != '[')], events);
        }
        finally
        {
            child.Kill();
        }
    }
}

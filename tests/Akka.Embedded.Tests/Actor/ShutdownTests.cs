using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Actor;

public sealed class ShutdownTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Runs_the_phases_in_order_and_ends_the_system()
    {
        var system = Start();
        var order = new List<string>();
        foreach (
            var phase in new[]
            {
                CoordinatedShutdown.PhaseClusterLeave,
                CoordinatedShutdown.PhaseBeforeServiceUnbind,
                CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
                CoordinatedShutdown.PhaseServiceStop,
            }
        )
        {
            Add(system, phase, () => order.Add(phase));
        }

        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(Soon);

        Assert.Equal(
            ["before-service-unbind", "service-stop", "cluster-leave", "before-actor-system-terminate"],
            order
        );
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Same(CoordinatedShutdown.ClrExitReason.Instance, CoordinatedShutdown.Get(system).ShutdownReason);
    }

    [Fact]
    public async Task Runs_when_the_system_is_terminated_and_only_once()
    {
        var system = Start();
        var runs = 0;
        Add(system, CoordinatedShutdown.PhaseServiceStop, () => runs++);

        await Task.WhenAll(system.Terminate(), system.Terminate()).WaitAsync(Soon);

        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Goes_on_after_a_task_that_fails_and_one_that_takes_too_long()
    {
        var system = Start("akka.coordinated-shutdown.phases.service-unbind.timeout = 20 ms");
        var reached = false;
        Add(system, CoordinatedShutdown.PhaseBeforeServiceUnbind, () => throw new InvalidOperationException("no"));
        CoordinatedShutdown
            .Get(system)
            .AddTask(CoordinatedShutdown.PhaseServiceUnbind, "hangs", () => new TaskCompletionSource<Done>().Task);
        Add(system, CoordinatedShutdown.PhaseServiceStop, () => reached = true);

        await system.Terminate().WaitAsync(Soon);

        Assert.True(reached);
    }

    [Fact]
    public async Task Leaves_the_system_running_when_told_so()
    {
        var system = Start(
            "akka.coordinated-shutdown { terminate-actor-system = off, run-by-actor-system-terminate = off }"
        );

        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Soon);

        Assert.False(system.WhenTerminated.IsCompleted);
        ((ExtendedActorSystem)system).Abort();
        await system.WhenTerminated.WaitAsync(Soon);
    }

    [Fact]
    public async Task Knows_only_configured_phases()
    {
        var system = Start();

        var error = Assert.Throws<ConfigurationException>(() => Add(system, "tea-time", () => { }));

        Assert.Contains("tea-time", error.Message);
        await system.Terminate();
    }

    private static ActorSystem Start(string config = "") =>
        ActorSystem.Create(
            "shutdown",
            ConfigurationFactory.ParseString(
                config + "\nakka.loglevel = OFF\nakka.stdout-loglevel = OFF\nakka.loggers = []"
            )
        );

    private static void Add(ActorSystem system, string phase, Action action) =>
        CoordinatedShutdown
            .Get(system)
            .AddTask(
                phase,
                "test",
                () =>
                {
                    action();
                    return Task.FromResult(Done.Instance);
                }
            );
}

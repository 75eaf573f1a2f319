using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Failover.Node.Configuration;

namespace Failover.Node.Lifeline;

/// <summary>Runs its actors on the one thread that also waits for the probe connections, so that what comes in needs no second wake-up.</summary>
internal sealed class LifelineDispatcher : MessageDispatcher
{
    /// <summary>Where the configuration has it.</summary>
    public const string Path = "failover-lifeline-dispatcher";

    public LifelineDispatcher(LifelineDispatcherConfigurator configurator)
        : base(configurator)
    {
        Throughput = configurator.Config.GetInt("throughput", DefaultThroughput);
        Loop = new LifelineLoop("failover-lifeline", ReportFailure);
        configurator.Prerequisites.Settings.System.WhenTerminated.ContinueWith(
            _ => Loop.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    public LifelineLoop Loop { get; }

    /// <exception cref="SettingsException">The configuration has another dispatcher there.</exception>
    public static LifelineLoop LoopOf(ActorSystem system) =>
        system.Dispatchers.Lookup(Path) is LifelineDispatcher lifeline
            ? lifeline.Loop
            : throw new SettingsException(
                $"{Path}.type must stay \"{typeof(LifelineDispatcherConfigurator).FullName}, Failover.Node\""
            );

    protected override void ExecuteTask(IRunnable run) => Loop.Execute(run);

    // Said whenever no actor is left for a while; the loop serves connections as well, and ends with the system.
    protected override void Shutdown() { }
}

/// <summary>Named in the configuration; the engine makes one for each actor system.</summary>
internal sealed class LifelineDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly LifelineDispatcher _dispatcher;

    public LifelineDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new LifelineDispatcher(this);

    public override MessageDispatcher Dispatcher() => _dispatcher;
}

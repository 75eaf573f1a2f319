using Akka.Configuration;

namespace Akka.Actor;

/// <summary>The settings of an actor system.</summary>
public class Settings
{
    internal Settings(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        ProviderClass = config.GetString("akka.actor.provider", "local");
        SupervisorStrategyClass = config.GetString(
            "akka.actor.guardian-supervisor-strategy",
            "Akka.Actor.DefaultSupervisorStrategy"
        );
        AskTimeout = config.GetTimeSpan("akka.actor.ask-timeout", Timeout.InfiniteTimeSpan);
        if (AskTimeout == TimeSpan.MaxValue)
            AskTimeout = Timeout.InfiniteTimeSpan;
        LogLevel = config.GetString("akka.loglevel", "INFO");
        StdoutLogLevel = config.GetString("akka.stdout-loglevel", "WARNING");
        Loggers = config.GetStringList("akka.loggers");
        LoggersDispatcher = config.GetString("akka.loggers-dispatcher", Dispatch.Dispatchers.DefaultDispatcherId);
        LoggerStartTimeout = config.GetTimeSpan("akka.logger-startup-timeout", TimeSpan.FromSeconds(5));
        LogConfigOnStart = config.GetBoolean("akka.log-config-on-start", false);
        LogDeadLetters = config.GetString("akka.log-dead-letters", "10").ToUpperInvariant() switch
        {
            "ON" or "TRUE" or "YES" => int.MaxValue,
            "OFF" or "FALSE" or "NO" => 0,
            _ => config.GetInt("akka.log-dead-letters"),
        };
        LogDeadLettersDuringShutdown = config.GetBoolean("akka.log-dead-letters-during-shutdown", false);
        DebugUnhandledMessage = config.GetBoolean("akka.actor.debug.unhandled", false);
        DebugEventStream = config.GetBoolean("akka.actor.debug.event-stream", false);
        SchedulerClass = config.GetString("akka.scheduler.implementation", "");
        CoordinatedShutdownTerminateActorSystem = config.GetBoolean(
            "akka.coordinated-shutdown.terminate-actor-system",
            true
        );
        CoordinatedShutdownRunByActorSystemTerminate = config.GetBoolean(
            "akka.coordinated-shutdown.run-by-actor-system-terminate",
            true
        );
    }

    public ActorSystem System { get; }

    public Config Config { get; }

    internal bool HasCluster => ProviderClass is "cluster";

    internal string ProviderClass { get; }

    internal string SupervisorStrategyClass { get; }

    /// <summary>How long an ask waits that names no time of its own.</summary>
    internal TimeSpan AskTimeout { get; }

    public string LogLevel { get; }

    internal string StdoutLogLevel { get; }

    internal IList<string> Loggers { get; }

    internal string LoggersDispatcher { get; }

    internal TimeSpan LoggerStartTimeout { get; }

    internal bool LogConfigOnStart { get; }

    /// <summary>How many dead letters are logged; 0 for none.</summary>
    internal int LogDeadLetters { get; }

    internal bool LogDeadLettersDuringShutdown { get; }

    internal bool DebugEventStream { get; }

    internal bool DebugUnhandledMessage { get; }

    internal string SchedulerClass { get; }

    internal bool CoordinatedShutdownTerminateActorSystem { get; }

    internal bool CoordinatedShutdownRunByActorSystemTerminate { get; }
}

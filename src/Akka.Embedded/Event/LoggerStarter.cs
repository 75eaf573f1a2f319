using Akka.Actor;
using Akka.Util;

namespace Akka.Event;

/// <summary>Puts the configured loggers in place of standard output once they have answered.</summary>
internal sealed class LoggerStarter(ActorSystemImpl system)
{
    private readonly StandardOutLogger _stdout = new();
    private readonly List<IActorRef> _loggers = [];

    public void StartStdout()
    {
        var level = Logging.LogLevelFor(system.Settings.StdoutLogLevel);
        Subscribe(_stdout, level);
        system.EventStream.SetLogLevel(level);
    }

    public void StartLoggers()
    {
        var level = Logging.LogLevelFor(system.Settings.LogLevel);
        system.EventStream.SetLogLevel(level);
        var number = 0;
        foreach (var name in system.Settings.Loggers)
        {
            var type = TypeByName.Find(name);
            if (type == typeof(StandardOutLogger))
            {
                Subscribe(_stdout, level);
                continue;
            }

            var props = Props.Create(type).WithDispatcher(system.Settings.LoggersDispatcher);
            var logger = system.SystemActorOf(props, $"log{++number}-{type.Name}");
            Initialize(logger, name);
            Subscribe(logger, level);
            _loggers.Add(logger);
        }

        if (!system.Settings.Loggers.Any(static name => TypeByName.Find(name) == typeof(StandardOutLogger)))
            system.EventStream.Unsubscribe(_stdout);
    }

    /// <summary>Lets the loggers write what they have; what comes after that goes to standard output.</summary>
    public async Task StopLoggersAsync()
    {
        Subscribe(_stdout, Logging.LogLevelFor(system.Settings.StdoutLogLevel));
        foreach (var logger in _loggers)
        {
            system.EventStream.Unsubscribe(logger);
            try
            {
                await logger.GracefulStop(system.Settings.LoggerStartTimeout).ConfigureAwait(false);
            }
            catch (TaskCanceledException e)
            {
                system.Log.Warning(e, "Logger {0} did not stop in time", logger);
            }
        }
    }

    private void Initialize(IActorRef logger, string name)
    {
        try
        {
            // The caller is about to start a system: it waits for this as for everything else that starts.
            var answer = logger
                .Ask<object>(new InitializeLogger(system.EventStream), system.Settings.LoggerStartTimeout)
                .GetAwaiter()
                .GetResult();
            if (answer is not LoggerInitialized)
            {
                throw new LoggerInitializationException(
                    $"Logger [{name}] did not respond with LoggerInitialized, sent instead [{answer}]"
                );
            }
        }
        catch (AskTimeoutException e)
        {
            throw new LoggerInitializationException(
                $"Logger [{name}] did not start within {system.Settings.LoggerStartTimeout}",
                e
            );
        }
    }

    private void Subscribe(IActorRef logger, LogLevel level)
    {
        foreach (var each in Enum.GetValues<LogLevel>().Where(each => each >= level))
            system.EventStream.Subscribe(logger, each.ClassFor());
    }
}

using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;
using LogLevel = Akka.Event.LogLevel;

namespace Failover.Node.Hosting;

/// <summary>Carries what actors log to Microsoft.Extensions.Logging. Named in the configuration's <c>akka.loggers</c>.</summary>
internal sealed class LoggingBridge : ReceiveActor
{
    private readonly Dictionary<string, ILogger> _loggers = [];

    public LoggingBridge()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(OnLogEvent);
    }

    /// <summary>Where all of this process's actor systems log; set before the first one is created.</summary>
    public static ILoggerFactory Factory { get; set; } =
        Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;

    private void OnLogEvent(LogEvent entry)
    {
        // An adapter made for a name has no class of its own to be known by.
        var name =
            entry.LogClass.Namespace?.StartsWith("Akka", StringComparison.Ordinal) == true
                ? entry.LogSource
                : entry.LogClass.Name;
        if (!_loggers.TryGetValue(name, out var logger))
            _loggers[name] = logger = Factory.CreateLogger(name);
        var level = LevelOf(entry.LogLevel());
        if (logger.IsEnabled(level))
            BridgeLog.Forward(logger, level, $"{entry.Message}", entry.Cause);
    }

    private static Microsoft.Extensions.Logging.LogLevel LevelOf(LogLevel level) =>
        level switch
        {
            LogLevel.DebugLevel => Microsoft.Extensions.Logging.LogLevel.Debug,
            LogLevel.InfoLevel => Microsoft.Extensions.Logging.LogLevel.Information,
            LogLevel.WarningLevel => Microsoft.Extensions.Logging.LogLevel.Warning,
            _ => Microsoft.Extensions.Logging.LogLevel.Error,
        };
}

internal static partial class BridgeLog
{
    [LoggerMessage(EventId = 1, Message = "{Text}")]
    public static partial void Forward(
        ILogger logger,
        Microsoft.Extensions.Logging.LogLevel level,
        string text,
        Exception? cause
    );
}

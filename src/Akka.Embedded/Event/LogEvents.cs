using Akka.Actor;

namespace Akka.Event;

/// <summary>How serious a log entry is.</summary>
public enum LogLevel
{
    DebugLevel,
    InfoLevel,
    WarningLevel,
    ErrorLevel,
}

/// <summary>A log entry.</summary>
public abstract class LogEvent : INoSerializationVerificationNeeded
{
    internal LogEvent()
    {
        Timestamp = DateTime.UtcNow;
        Thread = Thread.CurrentThread;
    }

    public Exception? Cause { get; protected set; }

    public DateTime Timestamp { get; }

    internal Thread Thread { get; }

    public string LogSource { get; protected set; } = "";

    public Type LogClass { get; protected set; } = typeof(LogEvent);

    /// <summary>A string, or a <see cref="LogMessage"/> that becomes one when somebody wants to read it.</summary>
    public object Message { get; protected set; } = "";

    public abstract LogLevel LogLevel();

    public override string ToString()
    {
        var level = LogLevel().ToString().Replace("Level", "", StringComparison.Ordinal).ToUpperInvariant();
        var text = $"[{level}][{Timestamp:O}][Thread {Thread.ManagedThreadId:0000}][{LogSource}] {Message}";
        return Cause is null ? text : $"{text}{Environment.NewLine}Cause: {Cause}";
    }
}

/// <summary>Of interest while looking for an error.</summary>
public class Debug : LogEvent
{
    internal Debug(string logSource, Type logClass, object message)
    {
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    internal Debug(Exception? cause, string logSource, Type logClass, object message)
        : this(logSource, logClass, message) => Cause = cause;

    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>Of interest to operators.</summary>
public class Info : LogEvent
{
    public Info(string logSource, Type logClass, object message)
    {
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    internal Info(Exception? cause, string logSource, Type logClass, object message)
        : this(logSource, logClass, message) => Cause = cause;

    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;
}

/// <summary>Unusual, but handled.</summary>
public class Warning : LogEvent
{
    public Warning(string logSource, Type logClass, object message)
    {
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    internal Warning(Exception? cause, string logSource, Type logClass, object message)
        : this(logSource, logClass, message) => Cause = cause;

    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;
}

/// <summary>Something failed.</summary>
public class Error : LogEvent
{
    public Error(Exception? cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}

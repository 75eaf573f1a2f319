using System.Globalization;
using Akka.Actor;
using Akka.Event;
using LogLevel = Akka.Event.LogLevel;

namespace Failover.Node.Pbm;

/// <summary>Writes what is logged in this actor system, from now on.</summary>
internal sealed class LogTail : ReceiveActor
{
    private static readonly (LogLevel Level, string Name, Type Event)[] Levels =
    [
        (LogLevel.DebugLevel, "debug", typeof(Debug)),
        (LogLevel.InfoLevel, "info", typeof(Info)),
        (LogLevel.WarningLevel, "warning", typeof(Warning)),
        (LogLevel.ErrorLevel, "error", typeof(Error)),
    ];

    private readonly LogLevel _level;
    private readonly LiveLines _lines;

    public LogTail(LogLevel level, LiveLines lines)
    {
        _level = level;
        _lines = lines;
        Receive<LogEvent>(OnLogged);
    }

    public static LogLevel? Level(string name) =>
        Array.Find(Levels, l => l.Name == name) is { Name: not null } found ? found.Level : null;

    protected override void PreStart()
    {
        foreach (var level in Levels.Where(l => l.Level >= _level))
            Context.System.EventStream.Subscribe(Self, level.Event);
        var log = Context.System.EventStream.LogLevel;
        // What is not logged at all cannot be shown either.
        var from = log > _level ? log : _level;
        _lines.Write($"log from {Name(from)} up, as akka.loglevel is {Name(log)}");
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _lines.Complete();
    }

    private static string Name(LogLevel level) => Array.Find(Levels, l => l.Level == level).Name;

    private void OnLogged(LogEvent entry)
    {
        var level = Name(entry.LogLevel()).ToUpperInvariant();
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Timestamp:HH:mm:ss.fff} [{level}] {entry.LogSource}: "
        );
        foreach (var line in $"{entry.Message}".AsSpan().Trim().ToString().Split('\n'))
            _lines.Write(head + line.TrimEnd());
        if (entry.Cause is not { } cause)
            return;
        foreach (var line in cause.ToString().Split('\n'))
            _lines.Write(head + line.TrimEnd());
    }
}

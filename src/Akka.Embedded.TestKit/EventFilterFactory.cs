using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>
/// Describes log events: by level, by message (whole, start, part, or regular expression) and by source. Only what
/// <c>akka.loglevel</c> lets through is logged, and only in a system with the test kit's logger.
/// </summary>
public class EventFilterFactory
{
    private readonly TestKitBase _kit;
    private readonly ActorSystem _system;
    private readonly IReadOnlyList<LogFilter> _filters;

    public EventFilterFactory(TestKitBase testkit)
        : this(testkit, (testkit ?? throw new ArgumentNullException(nameof(testkit))).Sys) { }

    public EventFilterFactory(TestKitBase testkit, ActorSystem system)
        : this(testkit, system, []) { }

    internal EventFilterFactory(TestKitBase testkit, ActorSystem system, IReadOnlyList<LogFilter> filters)
    {
        _kit = testkit;
        _system = system;
        _filters = filters;
    }

    /// <summary>Errors that carry a <typeparamref name="TException"/>; its own message counts as the event's does.</summary>
    public IEventFilterApplier Exception<TException>(Regex pattern, string? source = null)
        where TException : Exception => Errors<TException>(new Text(pattern), source);

    public IEventFilterApplier Exception<TException>(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    )
        where TException : Exception => Errors<TException>(new Text(message, start, contains), source);

    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => Custom<LogEvent>(predicate);

    public IEventFilterApplier Custom<TLogEvent>(Predicate<TLogEvent> predicate)
        where TLogEvent : LogEvent =>
        Create($"{typeof(TLogEvent).Name} that fulfils a predicate", logged => logged is TLogEvent e && predicate(e));

    public IEventFilterApplier DeadLetter() => Create("dead letter", static logged => logged is DeadLetter);

    public IEventFilterApplier DeadLetter<TMessage>(string? source = null) =>
        DeadLetter<TMessage>(static _ => true, source);

    /// <param name="isMatch">Which messages are meant.</param>
    /// <param name="source">The path of the sender, or null for any.</param>
    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string? source = null) =>
        Create(
            $"dead letter with {typeof(TMessage).Name}",
            logged =>
                logged is DeadLetter { Message: TMessage message } letter
                && (source is null || letter.Sender?.Path.ToString() == source)
                && isMatch(message)
        );

    public IEventFilterApplier Error(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => OfLevel(LogLevel.ErrorLevel, new Text(message, start, contains), source);

    public IEventFilterApplier Error(Regex pattern, string? source = null) =>
        OfLevel(LogLevel.ErrorLevel, new Text(pattern), source);

    public IEventFilterApplier Warning(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => OfLevel(LogLevel.WarningLevel, new Text(message, start, contains), source);

    public IEventFilterApplier Warning(Regex pattern, string? source = null) =>
        OfLevel(LogLevel.WarningLevel, new Text(pattern), source);

    public IEventFilterApplier Info(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => OfLevel(LogLevel.InfoLevel, new Text(message, start, contains), source);

    public IEventFilterApplier Info(Regex pattern, string? source = null) =>
        OfLevel(LogLevel.InfoLevel, new Text(pattern), source);

    public IEventFilterApplier Debug(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => OfLevel(LogLevel.DebugLevel, new Text(message, start, contains), source);

    public IEventFilterApplier Debug(Regex pattern, string? source = null) =>
        OfLevel(LogLevel.DebugLevel, new Text(pattern), source);

    /// <summary>What a message must look like; what is null does not matter.</summary>
    private sealed record Text(string? Whole, string? Start, string? Part)
    {
        public Text(Regex pattern)
            : this(null, null, null) => Pattern = pattern;

        private Regex? Pattern { get; }

        public bool Fits(string text) =>
            (Whole is null || text == Whole)
            && (Start is null || text.StartsWith(Start, StringComparison.Ordinal))
            && (Part is null || text.Contains(Part, StringComparison.Ordinal))
            && (Pattern is null || Pattern.IsMatch(text));

        public override string ToString() =>
            Pattern is not null ? $" like /{Pattern}/"
            : Whole is not null ? $" \"{Whole}\""
            : Start is not null ? $" \"{Start}…\""
            : Part is not null ? $" \"…{Part}…\""
            : "";
    }

    private EventFilterApplier OfLevel(LogLevel level, Text text, string? source) =>
        Create(
            $"{level}{text}",
            logged => logged is LogEvent e && e.LogLevel() == level && IsFrom(source, e) && text.Fits($"{e.Message}")
        );

    private EventFilterApplier Errors<TException>(Text text, string? source)
        where TException : Exception =>
        Create(
            $"{typeof(TException).Name}{text}",
            logged =>
                logged is Error { Cause: TException cause } error
                && IsFrom(source, error)
                && (text.Fits($"{error.Message}") || text.Fits(cause.Message))
        );

    private EventFilterApplier Create(string description, Predicate<object> matches) =>
        new(_kit, _system, [.. _filters, new LogFilter(description, matches)]);

    /// <summary>The source of an actor's event is its path, and may name the system behind it.</summary>
    private static bool IsFrom(string? source, LogEvent logged) =>
        source is null
        || logged.LogSource == source
        || (logged.LogSource?.StartsWith(source + " ", StringComparison.Ordinal) ?? false);
}

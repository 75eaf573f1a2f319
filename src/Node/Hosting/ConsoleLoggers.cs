using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Failover.Node.Hosting;

/// <summary>The node's log: a line for an entry, from <see cref="LogLevel.Information"/> on, in the form of .NET's simple console.</summary>
/// <remarks>
/// Who logs never waits, also when nobody reads the output: then the oldest lines are dropped, and the next one says how
/// many. .NET's own console logger makes its callers wait, and brings options, configuration and services, which
/// nothing else in a node needs. Any thread may log.
/// </remarks>
internal sealed class ConsoleLoggers : ILoggerFactory
{
    private const int Backlog = 2500;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Channel<string> _lines;
    private readonly Task _writing;
    private int _dropped;

    public ConsoleLoggers(Stream output, TimeProvider time)
    {
        _time = time;
        _lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped)
        );
        _writing = Task.Run(() => Write(output));
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("The node logs to its standard output alone.");

    /// <summary>Gives what was logged last a second to get out.</summary>
    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writing.Wait(LastWords);
    }

    private async Task Write(Stream output)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var text = Interlocked.Exchange(ref _dropped, 0) is > 0 and var lost
                ? string.Create(CultureInfo.InvariantCulture, $"… {lost} lines lost: read too slowly\n{line}\n")
                : $"{line}\n";
            try
            {
                output.Write(Encoding.UTF8.GetBytes(text));
                output.Flush();
            }
            catch (IOException)
            {
                // Whoever read it has gone; the node goes on.
            }
        }
    }

    private void Add(LogLevel level, string category, int id, string message, Exception? exception)
    {
        var cause = exception is null ? "" : $" {exception}";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{_time.GetLocalNow():HH:mm:ss.fff} {Word(level)}: {category}[{id}] {message}{cause}"
        );
        _lines.Writer.TryWrite(line.ReplaceLineEndings(" "));
    }

    private static string Word(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };

    private sealed class Logger(ConsoleLoggers loggers, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                loggers.Add(logLevel, category, eventId.Id, formatter(state, exception), exception);
        }
    }
}

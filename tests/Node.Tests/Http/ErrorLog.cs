using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Failover.Node.Tests.Http;

/// <summary>Keeps what was logged as an error; everything else it forgets.</summary>
internal sealed class ErrorLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(string Line, Exception? Error)> _errors = [];

    public IReadOnlyCollection<(string Line, Exception? Error)> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public void Dispose() { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (logLevel >= LogLevel.Error)
            _errors.Enqueue((formatter(state, exception), exception));
    }
}

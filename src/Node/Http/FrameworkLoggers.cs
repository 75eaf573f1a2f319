namespace Failover.Node.Http;

/// <summary>
/// The node's loggers with the web server's chatter cut to warnings: at its usual level it writes two lines for every
/// request. Does not own <paramref name="inner"/>.
/// </summary>
internal sealed class FrameworkLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName)
    {
        if (!categoryName.StartsWith("Microsoft.", StringComparison.Ordinal))
            return inner.CreateLogger(categoryName);
        return new WarningsOnly(inner.CreateLogger(categoryName));
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() { }

    private sealed class WarningsOnly(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}

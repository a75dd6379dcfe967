// Keeps the lines that a node logs in one category.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RaftLocks.Node.Tests.Auth;

internal sealed class LogLines(string category) : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Said { get; } = new();

    public ILogger CreateLogger(string categoryName) =>
        categoryName == category ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Said.Enqueue(formatter(state, exception));

    public void Dispose()
    {
        // Nothing is held.
    }
}

// A log whose lines a test reads.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RaftLocks.Node.Tests;

internal sealed class Lines : ILogger
{
    public ConcurrentQueue<string> Said { get; } = new();

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
}

// Keeps the lines that a node logs in one category.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RaftLocks.Node.Tests.Auth;

internal sealed class LogLines(string category) : ILoggerFactory
{
    private readonly Lines lines = new();

    public ConcurrentQueue<string> Said => lines.Said;

    public ILogger CreateLogger(string categoryName) => categoryName == category ? lines : NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // Nothing is held.
    }
}

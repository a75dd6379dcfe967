// What the client logs about nodes that don't answer, for the error output: each node and problem once.
using Microsoft.Extensions.Logging;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal sealed class ConnectionLog(Terminal terminal) : ILogger<RaftLocksClient>
{
    // ClientLog.CouldNotConnect: Node and Problem.
    private const int CouldNotConnect = 3;

    private readonly Lock mutex = new();
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

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
        if (eventId.Id != CouldNotConnect || state is not IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            return;
        }

        var node = values.FirstOrDefault(value => value.Key == "Node").Value as Uri;
        var problem = values.FirstOrDefault(value => value.Key == "Problem").Value?.ToString() ?? "";
        var line = PrintableText.Of(
            $"{node?.GetLeftPart(UriPartial.Authority)} did not answer: {Without(node, problem)}."
        );
        lock (mutex)
        {
            if (told.Add(line))
            {
                terminal.Error.WriteLine(line);
            }
        }
    }

    // The client's sentence begins with the address, which stands before it here.
    private static string Without(Uri? node, string problem)
    {
        var at = node is null ? -1 : problem.IndexOf("://" + node.Authority, StringComparison.OrdinalIgnoreCase);
        var rest = at is < 0 or > 5 ? problem : problem[(at + 3 + node!.Authority.Length)..];
        var said = rest.Trim(' ', ':', '.');
        return said == "does not answer" ? "nothing in time" : said;
    }
}

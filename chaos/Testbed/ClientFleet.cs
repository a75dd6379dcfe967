// The processes of clients that use the .NET library.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Testbed;

/// <summary>All operations.</summary>
internal sealed class ClientFleet(IEnumerable<LibraryClients> processes) : IAsyncDisposable
{
    /// <summary>The client processes.</summary>
    public IReadOnlyList<LibraryClients> Processes { get; } = [.. processes];

    /// <summary>Starts all client processes.</summary>
    public void Start()
    {
        foreach (var process in Processes)
        {
            process.Start();
        }
    }

    /// <summary>Ends all, and records what they recorded.</summary>
    public async Task EndAsync(Action<Request> record, Action<Violation> report)
    {
        foreach (var lived in await Task.WhenAll(Processes.Select(process => process.EndAsync(report))))
        {
            foreach (var request in lived)
            {
                record(request);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Processes)
        {
            await process.DisposeAsync();
        }
    }
}

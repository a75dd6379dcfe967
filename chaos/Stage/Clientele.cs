// The processes of clients that use the .NET library.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Stage;

/// <summary>All of them.</summary>
internal sealed class Clientele(IEnumerable<LibraryClients> processes) : IAsyncDisposable
{
    /// <summary>Each of them.</summary>
    public IReadOnlyList<LibraryClients> Processes { get; } = [.. processes];

    /// <summary>Starts all.</summary>
    public void Start()
    {
        foreach (var process in Processes)
        {
            process.Start();
        }
    }

    /// <summary>Ends all, and records what they lived through.</summary>
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

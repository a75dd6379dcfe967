// Where queries about the history are answered: one at a time, because the locks need the processor; some wait, the
// rest is told to try again.
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Journal;

namespace RaftLocks.Node.History;

internal sealed class HistoryQueryService(JournalOptions options, NodeJournal journal) : IDisposable
{
    private readonly HistoryReader reader = new(new JournalFolder(options.Directory), Limits.HistoryBytesPerQuery);
    private readonly SemaphoreSlim turn = new(1);
    private int waiting;

    /// <summary>Raft index of the last record in the journal.</summary>
    public long Index => journal.Status.Index;

    /// <summary>Answers a query when it is its turn; null when too many wait already.</summary>
    public async Task<HistoryFound?> ReadAsync(HistoryQuery query, CancellationToken token)
    {
        if (Interlocked.Increment(ref waiting) > Limits.MaxHistoryQueries)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }

        try
        {
            await turn.WaitAsync(token);
            try
            {
                await CatchUpAsync(token);
                return await Task.Run(() => reader.Read(query), token);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>
    /// The answer must contain what was applied before the query: waits a short time until the journal has it.
    /// </summary>
    public Task CatchUpAsync(CancellationToken token) =>
        journal.CatchUpAsync(TimeSpan.FromMilliseconds(Limits.HistoryFlushMs), token);

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}

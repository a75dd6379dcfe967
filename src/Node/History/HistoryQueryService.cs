// Where queries about the history are answered: one at a time and with pauses, because the locks need the processor.
// Some wait, the rest is told to try again.
using RaftLocks.Journal;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;

namespace RaftLocks.Node.History;

internal sealed class HistoryQueryService(JournalOptions options, NodeJournal journal, TimeProvider time) : IDisposable
{
    private readonly HistoryReader reader = new(new JournalFolder(options.Directory), Limits.HistoryBytesPerQuery);
    private readonly PacedTurn turn = new(time);

    /// <summary>The queries that are answered or wait.</summary>
    public ReaderLimit Queries { get; } = new(Limits.MaxHistoryQueries, Limits.MaxHistoryQueriesOfReader);

    /// <summary>Raft index of the last record in the journal.</summary>
    public long Index => journal.Status.Index;

    /// <summary>Answers a query, which is counted already, when it is its turn.</summary>
    public async Task<HistoryFound> ReadAsync(HistoryQuery query, CancellationToken token)
    {
        await turn.EnterAsync(token);
        var worked = TimeSpan.Zero;
        try
        {
            await CatchUpAsync(token);
            var since = time.GetTimestamp();
            try
            {
                return await Task.Run(() => reader.Read(query), token);
            }
            finally
            {
                worked = time.GetElapsedTime(since);
            }
        }
        finally
        {
            turn.Leave(worked);
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

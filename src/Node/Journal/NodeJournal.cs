// A node's journal put together: the feed that listens to apply, the writer behind it, and what others may ask of the
// two.
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Journal;

/// <summary>The history of what this node applied, on its disk.</summary>
internal sealed class NodeJournal : IAsyncDisposable
{
    private readonly JournalFolder folder;
    private readonly JournalFeed feed;
    private readonly JournalWriter writer;
    private Task writing = Task.CompletedTask;

    /// <summary>Makes the journal. Nothing is read or written before the node's state is there.</summary>
    public NodeJournal(JournalOptions options, IJournalListener listener, ILoggerFactory loggers, TimeProvider time)
    {
        var logger = loggers.CreateLogger("RaftLocks.Journal");
        folder = new JournalFolder(options.Directory);
        feed = new JournalFeed(options)
        {
            Open = () => writer!.Open(),
            OnDisagreement = position => JournalLog.Disagrees(logger, position),
        };
        writer = new JournalWriter(options, feed, folder, listener, time, logger);
    }

    /// <summary>Receives the changes of the state.</summary>
    public IApplyObserver ApplyObserver => feed;

    /// <summary>The journal's condition.</summary>
    public JournalStatus Status => writer.Status;

    /// <summary>Times that the journal on disk was not the history of this node's state.</summary>
    public long Disagreements => feed.Disagreements;

    /// <summary>Refuses a journal that a newer version wrote. Reads, and changes nothing.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public void CheckVersion()
    {
        if (folder.FindNewer() is { } needs)
        {
            throw new NewerDataException("The journal", needs);
        }
    }

    /// <summary>Begins to write.</summary>
    /// <param name="read">Reads the state while it stands still.</param>
    public void Start(Func<Func<LockStateMachine, bool>, bool> read)
    {
        writer.RequestCheckpoint = text => read(machine => feed.Restart(machine, text));
        writing = Task.Run(writer.RunAsync);
    }

    /// <summary>Completes when all that was applied until now is durable here, or was given up.</summary>
    public Task FlushAsync() => feed.FlushAsync();

    /// <summary>The same, but waits no longer than told.</summary>
    public async Task CatchUpAsync(TimeSpan timeout, CancellationToken token) =>
        await FlushAsync().WaitAsync(timeout, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Writes what is left, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        feed.Complete();
        await writing;
    }
}

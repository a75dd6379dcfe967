// What Raft asks of a log, over the entries on disk (EntryLog) and the state that they make:
//   - what is acknowledged is on disk, a follower's entries and a leader's alike;
//   - a late duplicate of an exchange never cuts off what came after it;
//   - a leader appends only in the term that this very node was elected in;
//   - what is committed is applied once, in order, and never before;
//   - a log that failed to write once takes nothing more and answers nothing more, and the node ends.
// (What a leader sends: DurableLog.Receiving.cs. Who the members are: DurableLog.Configurations.cs. Of term and vote:
// DurableLog.HardState.cs. What is sent to others: DurableLog.Replication.cs. How the library gets at it:
// DotNextLogAdapter.cs.)
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Raft.Membership;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>A replicated log as one member keeps it.</summary>
internal sealed partial class DurableLog : IDisposable
{
    private readonly EntryLog entries;
    private readonly HardStateFile hardState;
    private readonly MembershipStore membership;
    private readonly IReplicatedState state;
    private readonly ISnapshots snapshots;
    private readonly int catchUpBytes;
    private readonly Action<string, Exception?> fatal;
    private readonly Flusher flusher;
    private readonly Applier applier;

    // One exchange or snapshot at a time; and within it, and for a leader's entry, the moment of appending.
    private readonly SemaphoreSlim exchange = new(1, 1);
    private readonly Lock appending = new();
    private readonly CancellationTokenSource closing = new();
    private long committedIndex;
    private long leadershipTerm;
    private long voidTerm;
    private Exception? broken;

    /// <summary>Makes a durable log over opened entries.</summary>
    /// <param name="entries">Opened already.</param>
    /// <param name="hardState">Term and vote as they are on disk.</param>
    /// <param name="membership">The members.</param>
    /// <param name="state">The state to which committed entries are applied.</param>
    /// <param name="snapshots">The snapshots that stand for entries which are not in the log any more.</param>
    /// <param name="catchUpBytes">Bytes of entries that a lagging member is sent in one exchange, about.</param>
    /// <param name="fatal">Called when the log can't go on.</param>
    public DurableLog(
        EntryLog entries,
        HardStateFile hardState,
        MembershipStore membership,
        IReplicatedState state,
        ISnapshots snapshots,
        int catchUpBytes,
        Action<string, Exception?> fatal
    )
    {
        this.entries = entries;
        this.hardState = hardState;
        this.membership = membership;
        this.state = state;
        this.snapshots = snapshots;
        this.catchUpBytes = catchUpBytes;
        this.fatal = fatal;
        committedIndex = snapshots.Newest?.Index ?? 0;

        // A single node elects itself and keeps the term that it starts with.
        leadershipTerm = membership.Members.Count <= 1 ? hardState.Term : -1;
        flusher = new Flusher(entries, Break);
        applier = new Applier(committedIndex, ApplyAsync, Break);
    }

    public long LastEntryIndex => entries.LastIndex;

    public long LastCommittedEntryIndex => Volatile.Read(ref committedIndex);

    public long LastAppliedIndex => applier.AppliedIndex;

    /// <summary>All entries up to this one are on disk.</summary>
    public long FlushedIndex => entries.FlushedIndex;

    /// <summary>
    /// Appends this leader's entry, and lets it be flushed while others are sent it; it is not committed before.
    /// </summary>
    /// <exception cref="NotElectedInTermException">This node was not elected in the entry's term.</exception>
    /// <exception cref="TooEarlyException">It changes the members, and that must not be yet.</exception>
    public async ValueTask<long> AppendAsync<TEntry>(TEntry sent, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        var entry = await RaftEntry.FromAsync(sent, token);
        ThrowIfBroken();
        long index;
        lock (appending)
        {
            if (entry.Term != LeadershipTerm)
            {
                if (entry.Term == voidTerm)
                {
                    VoidElectionWon?.Invoke();
                }

                throw new NotElectedInTermException(entry.Term, LeadershipTerm);
            }

            if (sent is IInputLogEntry { Context: { } context })
            {
                applier.AttachContext(entries.LastIndex + 1, context);
            }

            if (entry.IsConfiguration)
            {
                CheckConfiguration(entry);
                Volatile.Write(ref hiddenFrom, entries.LastIndex + 1);
            }

            index = Append(entry);
        }

        _ = flusher.FlushAsync();
        if (entry.IsConfiguration)
        {
            await ShowAsync(index);
        }

        return index;
    }

    /// <summary>Commits what a majority has, as soon as it is on this node's disk too.</summary>
    /// <returns>How many entries were not known to be committed before.</returns>
    public ValueTask<long> CommitAsync(long index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, entries.LastIndex);
        ThrowIfBroken();
        return index <= entries.FlushedIndex ? ValueTask.FromResult(Commit(index)) : CommitFlushedAsync(index);
    }

    /// <summary>Completes when an entry is applied.</summary>
    public ValueTask WaitForApplyAsync(long index, CancellationToken token) => applier.WaitAsync(index, token);

    /// <summary>Completes when something more is applied.</summary>
    public ValueTask WaitForApplyAsync(CancellationToken token) => applier.WaitAsync(applier.AppliedIndex + 1, token);

    /// <summary>Ends what runs in the background. What was appended is on disk then.</summary>
    public void Dispose()
    {
        closing.Cancel();
        flusher.Dispose();
        applier.Dispose();
        entries.Dispose();
        exchange.Dispose();
        closing.Dispose();
    }

    private long Append(in RaftEntry entry)
    {
        var index = entries.Append(entry);
        if (entry.IsConfiguration)
        {
            membership.OnAppended(index, entry.Content.Span);
        }

        return index;
    }

    private async ValueTask<long> CommitFlushedAsync(long index)
    {
        while (index > entries.FlushedIndex)
        {
            await flusher.FlushAsync();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(index, entries.LastIndex);
        }

        return Commit(index);
    }

    private long Commit(long index)
    {
        long before;
        do
        {
            before = LastCommittedEntryIndex;
            if (index <= before)
            {
                return 0;
            }
        } while (Interlocked.CompareExchange(ref committedIndex, index, before) != before);

        entries.Protect(index);
        applier.ApplyThrough(index);
        return index - before;
    }

    private async ValueTask ApplyAsync(long index, object? context)
    {
        var entry = entries[index];
        if (entry.IsConfiguration)
        {
            await membership.ApplyAsync(index, entry.Content);
        }

        state.Apply(index, entry, context);
        await snapshots.EntryAppliedAsync(entry.Content.Length);
    }

    private void Break(Exception failure)
    {
        if (Interlocked.CompareExchange(ref broken, failure, null) is null)
        {
            applier.Fail(failure);
            fatal(
                failure is ContradictionException
                    ? failure.Message
                    : "The log could not be written: " + failure.Message,
                failure
            );
        }
    }

    private void ThrowIfBroken()
    {
        if (Volatile.Read(ref broken) is { } failure)
        {
            throw new InvalidOperationException("The log failed before and takes nothing more.", failure);
        }
    }
}

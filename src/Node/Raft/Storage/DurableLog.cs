// What Raft asks of a log, over the entries on disk (EntryLog) and the state that they make:
//   - what is acknowledged is on disk, a follower's entries and a leader's alike;
//   - a late duplicate of an exchange never cuts off what came after it;
//   - a leader appends only in the term that this very node was elected in;
//   - what is committed is applied once, in order, and never before;
//   - a log that failed to write once takes nothing more and answers nothing more, and the node ends.
// (Of term and vote: DurableLog.Promises.cs. What is sent to others: DurableLog.Replication.cs. How the library gets at it: LibraryLog.cs.)
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;

namespace RaftLocks.Node.Raft;

/// <summary>A replicated log as one member keeps it.</summary>
internal sealed partial class DurableLog : IDisposable
{
    private readonly EntryLog entries;
    private readonly VoteFile votes;
    private readonly MembershipStore membership;
    private readonly ReplicatedLocks locks;
    private readonly int catchUpBytes;
    private readonly Action<string, Exception?> fatal;
    private readonly Flusher flusher;
    private readonly Applier applier;

    // One exchange or snapshot at a time; and within it, and for a leader's entry, the moment of appending.
    private readonly SemaphoreSlim exchange = new(1, 1);
    private readonly Lock appending = new();
    private long committedIndex;
    private long leadershipTerm;
    private Exception? broken;

    /// <summary>Takes over an opened log.</summary>
    /// <param name="entries">Opened already.</param>
    /// <param name="votes">Term and vote as last promised.</param>
    /// <param name="membership">Who votes.</param>
    /// <param name="locks">What is committed goes there.</param>
    /// <param name="limits">Ours.</param>
    /// <param name="fatal">Told when the log can't go on.</param>
    public DurableLog(
        EntryLog entries, VoteFile votes, MembershipStore membership, ReplicatedLocks locks, RaftNodeOptions limits, Action<string, Exception?> fatal)
    {
        this.entries = entries;
        this.votes = votes;
        this.membership = membership;
        this.locks = locks;
        this.fatal = fatal;
        catchUpBytes = limits.CatchUpBytes;
        committedIndex = locks.Snapshot?.Index ?? 0;

        // Elected by nobody but itself, a single node keeps the term that it starts with.
        leadershipTerm = membership.Members.Count <= 1 ? votes.Term : -1;
        flusher = new Flusher(entries, Break);
        applier = new Applier(committedIndex, ApplyAsync, Break);
        locks.SnapshotTaken = DropCovered;
    }

    public long LastEntryIndex => entries.LastIndex;

    public long LastCommittedEntryIndex => Volatile.Read(ref committedIndex);

    public long LastAppliedIndex => applier.AppliedIndex;

    /// <summary>All entries up to this one are on disk.</summary>
    public long FlushedIndex => entries.FlushedIndex;

    /// <summary>Takes the entries of an exchange. They are on disk when this completes, and so is what came before.</summary>
    /// <exception cref="ArgumentOutOfRangeException">What lies between them and the log's end is missing.</exception>
    public async ValueTask AppendAsync<TEntry>(ILogEntryProducer<TEntry> sent, long startIndex, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        // All that may be cancelled happens here, before anything is changed.
        ArgumentOutOfRangeException.ThrowIfLessThan(startIndex, 1);
        var received = await RaftEntry.ReadAllAsync(sent, token);
        await exchange.WaitAsync(token);
        try
        {
            ThrowIfBroken();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(startIndex, entries.LastIndex + 1);
            lock (appending)
            {
                Append(received, startIndex);
            }

            entries.Flush();
        }
        catch (Exception e) when (e is not InvalidOperationException and not ArgumentOutOfRangeException)
        {
            // Broken off in the middle, the log may hold what the next exchange would take for flushed.
            Break(e);
            throw;
        }
        finally
        {
            exchange.Release();
        }
    }

    /// <summary>Appends this leader's entry, and lets it be flushed while others are sent it; it is not committed before.</summary>
    /// <exception cref="NotElectedInTermException">This node was not elected in the entry's term.</exception>
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
                throw new NotElectedInTermException(entry.Term, LeadershipTerm);
            }

            if (sent is IInputLogEntry { Context: { } context })
            {
                applier.Accompany(entries.LastIndex + 1, context);
            }

            index = entries.Append(entry);
        }

        _ = flusher.FlushAsync();
        return index;
    }

    /// <summary>Takes over a snapshot, and keeps what is behind it only if it is of the same log (Raft paper, figure 13, steps 6 and 7).</summary>
    /// <exception cref="InvalidOperationException">This node has committed as much already.</exception>
    public async ValueTask InstallAsync<TEntry>(TEntry snapshot, long index, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        await exchange.WaitAsync(token);
        try
        {
            ThrowIfBroken();
            if (index <= LastCommittedEntryIndex)
            {
                throw new InvalidOperationException($"The snapshot of index {index} is behind what is committed, {LastCommittedEntryIndex}.");
            }

            await applier.SkipToAsync(index, () => TakeOverAsync(snapshot, index, token));
            Volatile.Write(ref committedIndex, index);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Break(e);
            throw;
        }
        finally
        {
            exchange.Release();
        }
    }

    /// <summary>What a majority has is committed, as soon as it is on this node's disk too.</summary>
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
        locks.SnapshotTaken = null;
        flusher.Dispose();
        applier.Dispose();
        entries.Dispose();
        exchange.Dispose();
    }

    /// <summary>Appends what isn't there yet, in place of what differs.</summary>
    private void Append(List<RaftEntry> received, long startIndex)
    {
        var known = CountKnown(received, startIndex);
        if (known == received.Count)
        {
            return;
        }

        if (startIndex + known <= entries.LastIndex)
        {
            entries.Cut(startIndex + known);
            applier.LeaveFrom(startIndex + known);
        }

        for (; known < received.Count; known++)
        {
            entries.Append(received[known]);
        }
    }

    /// <summary>How many of the received entries are in the log already, from the first on. What is committed is the same everywhere.</summary>
    private int CountKnown(List<RaftEntry> received, long startIndex)
    {
        var known = (int)Math.Clamp(LastCommittedEntryIndex - startIndex + 1, 0, received.Count);
        while (known < received.Count && entries.TermAt(startIndex + known) == received[known].Term)
        {
            known++;
        }

        return known;
    }

    private async ValueTask TakeOverAsync<TEntry>(TEntry snapshot, long index, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        entries.ExpectSnapshot(index);
        await locks.InstallAsync(snapshot, token);
        lock (appending)
        {
            if (entries.TermAt(index) != snapshot.Term)
            {
                entries.Restart(index, snapshot.Term);
                applier.LeaveFrom(index + 1);
            }
        }

        DropCovered(index);
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
        }
        while (Interlocked.CompareExchange(ref committedIndex, index, before) != before);

        applier.ApplyThrough(index);
        return index - before;
    }

    private async ValueTask ApplyAsync(long index, object? context)
    {
        var entry = entries[index];
        if (entry.IsConfiguration)
        {
            await membership.SaveConfigurationAsync(entry, index);
        }

        await locks.ApplyAsync(index, entry, context);
    }

    private void DropCovered(long snapshotIndex)
    {
        try
        {
            entries.DropThrough(snapshotIndex);
            locks.DeleteSnapshotsBefore(snapshotIndex);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Break(e);
        }
    }

    private void Break(Exception failure)
    {
        if (Interlocked.CompareExchange(ref broken, failure, null) is null)
        {
            applier.Fail(failure);
            fatal("The log could not be written: " + failure.Message, failure);
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

// What a leader sends to this node: entries, in exchanges, or a snapshot. Nothing is acknowledged before this node's
// term is on disk: if it forgot the term, it would let the leader of an earlier one replace what it has acknowledged.
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

/// <content>Receiving.</content>
internal sealed partial class DurableLog
{
    /// <summary>
    /// Takes the entries of an exchange. They are on disk when this completes, and so is what came before.
    /// </summary>
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
            ShowAll();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(startIndex, entries.LastIndex + 1);
            hardState.Flush();
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

    /// <summary>
    /// Takes over a snapshot, and keeps what is behind it only if it is of the same log (Raft paper, figure 13, steps 6
    /// and 7).
    /// </summary>
    /// <exception cref="InvalidOperationException">This node has committed as much already.</exception>
    public async ValueTask InstallAsync<TEntry>(TEntry snapshot, long index, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        await exchange.WaitAsync(token);
        try
        {
            ThrowIfBroken();
            ShowAll();
            if (index <= LastCommittedEntryIndex)
            {
                if (entries.TermAt(index) is { } term && term != snapshot.Term)
                {
                    ThrowIfCommitted(index, LastCommittedEntryIndex, term, snapshot.Term);
                }

                throw new InvalidOperationException(
                    $"The snapshot of index {index} is behind what is committed, {LastCommittedEntryIndex}."
                );
            }

            hardState.Flush();
            await applier.SkipToAsync(index, () => TakeOverAsync(snapshot, index, token));
            Volatile.Write(ref committedIndex, index);
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or OutOfMemoryException
                        or NewerDataException
                        or ContradictionException
            )
        {
            // One that is too new would be sent again and again, and never be understood.
            Break(e);
            throw;
        }
        finally
        {
            exchange.Release();
        }
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
            entries.TruncateSuffix(startIndex + known);
            applier.DropContextsFrom(startIndex + known);
            membership.OnTruncated(startIndex + known);
        }

        for (; known < received.Count; known++)
        {
            Append(received[known]);
        }
    }

    /// <summary>How many of the received entries are in the log already, from the first on.</summary>
    /// <exception cref="ContradictionException">One that is committed is another one here. What is committed is the
    /// same everywhere.</exception>
    private int CountKnown(List<RaftEntry> received, long startIndex)
    {
        var committed = LastCommittedEntryIndex;
        var known = 0;
        for (; known < received.Count; known++)
        {
            var index = startIndex + known;
            var term = entries.TermAt(index);

            // Of what a snapshot stands for, the term is not known any more; it is committed.
            if (term != received[known].Term && (term is not null || index > committed))
            {
                ThrowIfCommitted(index, committed, term, received[known].Term);
                break;
            }
        }

        return known;
    }

    private static void ThrowIfCommitted(long index, long committed, long? ownTerm, long sentTerm)
    {
        if (index <= committed)
        {
            throw new ContradictionException(
                $"The leader has an entry of term {sentTerm} at index {index}, where this node has one of term "
                    + $"{ownTerm} that it knows as committed."
            );
        }
    }

    private async ValueTask TakeOverAsync<TEntry>(TEntry snapshot, long index, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        await snapshots.InstallAsync(snapshot, () => entries.ExpectSnapshot(index), token);
        lock (appending)
        {
            if (entries.TermAt(index) != snapshot.Term)
            {
                entries.Restart(index, snapshot.Term);
                applier.DropContextsFrom(index + 1);
                membership.OnTruncated(0);
            }
        }

        snapshots.CompactThrough(index);
    }
}

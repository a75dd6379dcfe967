// The library's write-ahead log with the promises that it does not make by itself:
//   - a follower flushes before it acknowledges, empty exchanges included, whoever cancels;
//   - a late duplicate of an exchange never cuts off what came after it;
//   - a leader appends only in the term that this very node was elected in;
//   - a lagging member is caught up in bounded pieces, which are no votes for the whole, and nobody waits for a slow one (DurableLog.Replication.cs);
//   - a replaced tail is gone for good, wherever a crash or a snapshot meets it;
//   - a log that failed to write once takes nothing more and answers nothing more, and the node ends;
//   - terms never decrease along the log. (Of term and vote: DurableLog.Promises.cs.)
using System.Runtime.CompilerServices;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed partial class DurableLog : WriteAheadLog, IPersistentState
{
    private readonly SemaphoreSlim exchange = new(1, 1);
    private readonly IStateMachine stateMachine;
    private readonly VoteCopy voteCopy;
    private readonly CutMark cutMark;
    private readonly MembershipStore membership;
    private readonly int catchUpBytes;
    private readonly string checkpointFile;
    private readonly Action<string, Exception?> fatal;
    private long leadershipTerm;
    private Exception? broken;

    /// <summary>Opens the log.</summary>
    /// <param name="options">The library's.</param>
    /// <param name="machine">Applies what is committed.</param>
    /// <param name="voteCopy">Vote and term as last answered.</param>
    /// <param name="cutMark">Recovered already: what it marks must be gone before the library reads its checkpoint.</param>
    /// <param name="membership">Who votes.</param>
    /// <param name="limits">Ours.</param>
    /// <param name="fatal">Told when the log can't go on.</param>
    public DurableLog(
        Options options,
        IStateMachine machine,
        VoteCopy voteCopy,
        CutMark cutMark,
        MembershipStore membership,
        RaftNodeOptions limits,
        Action<string, Exception?> fatal)
        : this(options, new InstallGuard(machine, membership), voteCopy, cutMark, membership, limits, fatal)
    {
    }

    private DurableLog(
        Options options,
        InstallGuard machine,
        VoteCopy voteCopy,
        CutMark cutMark,
        MembershipStore membership,
        RaftNodeOptions limits,
        Action<string, Exception?> fatal)
        : base(options, machine)
    {
        stateMachine = machine;
        QuietCheckpoint.Install(this, options.Location);
        machine.Installed = index => SetUnflushedIndex(this, Math.Max(index, LastEntryIndex) + 1);
        this.voteCopy = voteCopy;
        this.cutMark = cutMark;
        this.membership = membership;
        this.fatal = fatal;
        catchUpBytes = limits.CatchUpBytes;
        checkpointFile = Path.Combine(options.Location, "checkpoint");
        voteCopy.Check(this);

        // Elected by nobody but itself, a single node never counts up its term.
        leadershipTerm = membership.Members.Count <= 1 ? Self.Term : -1;
        _ = WatchAsync(FlusherTask(this));
        _ = WatchAsync(AppenderTask(this));
    }

    private IPersistentState Self => this;

    /// <inheritdoc/>
    public override async Task InitializeAsync(CancellationToken token = default)
    {
        var terms = await this.CheckTermsAsync(token);
        if (terms is { } at)
        {
            throw new DamagedDataException(
                $"The log goes back from term {at.Before} to term {at.After} at index {at.Index}: an old tail was left behind an overwritten part.");
        }

        await base.InitializeAsync(token);
    }

    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries, long startIndex, bool skipCommitted, CancellationToken token)
    {
        // All that may be cancelled happens here, before anything is changed.
        var received = await ReceivedEntry.ReadAllAsync(entries, token);
        await exchange.WaitAsync(token);
        try
        {
            ThrowIfBroken();
            var known = await this.CountMatchingAsync(received, startIndex);
            if (known < received.Count)
            {
                await CutAsync(startIndex + known);
                await AppendAsync(new ReceivedEntries(received, known), startIndex + known, skipCommitted, CancellationToken.None);
            }

            await FlushAsync(CancellationToken.None);
            ClearPassedMark();
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

    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, long startIndex, CancellationToken token)
    {
        await exchange.WaitAsync(token);
        try
        {
            ThrowIfBroken();
            await AppendSnapshotAsync(entry, startIndex, token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IntegrityException)
        {
            Break(e);
            throw;
        }
        finally
        {
            exchange.Release();
        }
    }

    ValueTask<long> IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, CancellationToken token)
    {
        if (entry.Term != LeadershipTerm)
        {
            return ValueTask.FromException<long>(new NotElectedInTermException(entry.Term, LeadershipTerm));
        }

        ThrowIfBroken();
        return AppendAsync(entry, token);
    }

    async ValueTask<long> IAuditTrail.CommitAsync(long endIndex, CancellationToken token)
    {
        if (cutMark.Index <= endIndex)
        {
            // This node leads with a log that a snapshot has cut, and its own entry is the first to pass the mark.
            await FlushAsync(token);
            ClearPassedMark();
        }

        return await CommitAsync(endIndex, token);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_LastEntryIndex")]
    private static extern void SetLastEntryIndex(WriteAheadLog log, long index);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_UnflushedIndex")]
    private static extern void SetUnflushedIndex(WriteAheadLog log, long index);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "flusherTask")]
    private static extern ref Task FlusherTask(WriteAheadLog log);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "appenderTask")]
    private static extern ref Task AppenderTask(WriteAheadLog log);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "backgroundTaskFailure")]
    private static extern ref Exception? BackgroundFailure(WriteAheadLog log);

    /// <summary>Takes over a snapshot, and keeps what is behind it only if it is of the same log (Raft paper, figure 13, steps 6 and 7).</summary>
    private async ValueTask AppendSnapshotAsync<TEntry>(TEntry snapshot, long index, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        var end = LastEntryIndex;
        var keepsTail = index < end && await this.HasAsync(index, snapshot.Term);
        if (!keepsTail)
        {
            cutMark.Set(index + 1);
        }

        await FlushAsync(CancellationToken.None);
        await AppendAsync(snapshot, index, token);
        if (!keepsTail && index < end)
        {
            await SetEndAsync(index);
        }
    }

    /// <summary>Makes room for other entries from an index on. What comes before is on disk then.</summary>
    private async ValueTask CutAsync(long fromIndex)
    {
        if (fromIndex > LastCommittedEntryIndex && fromIndex <= LastEntryIndex)
        {
            await FlushAsync(CancellationToken.None);
            cutMark.Set(fromIndex);
            await SetEndAsync(fromIndex - 1);
        }
    }

    private ValueTask SetEndAsync(long lastIndex) =>
        AppendAsync(new CutEntries(() => SetLastEntryIndex(this, lastIndex)), lastIndex + 1, skipCommitted: true, CancellationToken.None);

    private void ClearPassedMark()
    {
        if (cutMark.Index <= LastEntryIndex)
        {
            // On disk the checkpoint may still say that the log ends in the tail that was cut off, and only the mark keeps a start from believing it.
            DurableFile.FlushFile(checkpointFile);
            cutMark.Clear();
        }
    }

    /// <summary>The library writes and applies in tasks of its own, which end silently when they fail: a leader would linger.</summary>
    private async Task WatchAsync(Task background)
    {
        await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (BackgroundFailure(this) is { } failure)
        {
            Break(failure);
        }
    }

    private void Break(Exception failure)
    {
        if (failure is not ObjectDisposedException && Interlocked.CompareExchange(ref broken, failure, null) is null)
        {
            var cause = failure is InternalException { InnerException: { } inner } ? inner : failure;
            fatal("The log could not be written: " + cause.Message, cause);
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

// The library's write-ahead log with the promises that it does not make by itself:
//   - a follower flushes before it acknowledges, empty exchanges included, whoever cancels;
//   - a late duplicate of an exchange never cuts off what came after it;
//   - a leader appends only in the term that this very node was elected in;
//   - a lagging member is caught up in bounded pieces, and nobody waits for a slow one (DurableLog.Replication.cs);
//   - a replaced tail is gone for good, wherever a crash or a snapshot meets it;
//   - nobody but a member votes;
//   - the vote has a checksummed copy of ours, and terms never decrease along the log.
using System.Runtime.CompilerServices;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
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
        voteCopy.Check(this);

        // Elected by nobody but itself, a single node never counts up its term.
        leadershipTerm = membership.Members.Count <= 1 ? Self.Term : -1;
    }

    /// <summary>The term that this node was last elected in, or tried to be. Not "the current term", which another leader may have set.</summary>
    public long LeadershipTerm => Volatile.Read(ref leadershipTerm);

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
        catch (Exception e) when (e is not InvalidOperationException and not ArgumentOutOfRangeException and not ObjectDisposedException)
        {
            broken = e;
            fatal("The log could not be written: " + e.Message, e);
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

    async ValueTask<long> IPersistentState.IncrementTermAsync(ClusterMemberId member, CancellationToken token)
    {
        ThrowIfStranger();
        var term = await IncrementTerm(this, member, token);
        voteCopy.Write(term, member);
        Volatile.Write(ref leadershipTerm, term);
        return term;
    }

    async ValueTask IPersistentState.UpdateTermAsync(long term, bool resetLastVote, CancellationToken token)
    {
        await UpdateTerm(this, term, resetLastVote, token);
        voteCopy.WriteTerm(term, resetLastVote);
    }

    async ValueTask IPersistentState.UpdateVotedForAsync(ClusterMemberId member, CancellationToken token)
    {
        ThrowIfStranger();
        await UpdateVotedFor(this, member, token);
        voteCopy.Write(Self.Term, member);
    }

    // The base class implements these explicitly; re-implementing the interface hides them from any other way.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DotNext.Net.Cluster.Consensus.Raft.IPersistentState.IncrementTermAsync")]
    private static extern ValueTask<long> IncrementTerm(WriteAheadLog log, ClusterMemberId member, CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DotNext.Net.Cluster.Consensus.Raft.IPersistentState.UpdateTermAsync")]
    private static extern ValueTask UpdateTerm(WriteAheadLog log, long term, bool resetLastVote, CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DotNext.Net.Cluster.Consensus.Raft.IPersistentState.UpdateVotedForAsync")]
    private static extern ValueTask UpdateVotedFor(WriteAheadLog log, ClusterMemberId member, CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_LastEntryIndex")]
    private static extern void SetLastEntryIndex(WriteAheadLog log, long index);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_UnflushedIndex")]
    private static extern void SetUnflushedIndex(WriteAheadLog log, long index);

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
            cutMark.Clear();
        }
    }

    /// <summary>Who is no member, or not yet, or no longer with the data that it was one with, has no vote.</summary>
    private void ThrowIfStranger()
    {
        if (!membership.HasSelf)
        {
            throw new NotAMemberException();
        }
    }

    private void ThrowIfBroken()
    {
        if (broken is not null)
        {
            throw new InvalidOperationException("The log failed before and takes nothing more.", broken);
        }
    }
}

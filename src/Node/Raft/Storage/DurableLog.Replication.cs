// What a leader sends to the other members. The library would send all that a member lacks in one exchange, which must
// end within a bound: so it is given a bounded piece at a time, or the snapshot.
using System.Runtime.CompilerServices;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Raft.Membership;

namespace RaftLocks.Node.Raft.Storage;

/// <content>Replication.</content>
internal sealed partial class DurableLog
{
    /// <summary>Called when a member has taken a piece, and there is more for it.</summary>
    public Action? MemberLags { get; set; }

    /// <summary>The members whose builds are too old to be sent anything.</summary>
    public MemberBuilds? Builds { get; set; }

    /// <summary>
    /// Lets a reader have entries from one on: all that were asked for, or the first of them, or the snapshot that
    /// stands for them.
    /// </summary>
    public async ValueTask<TResult> ReadAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader,
        long startIndex,
        long endIndex,
        CancellationToken token
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(endIndex, entries.LastIndex);
        ThrowIfBroken();
        if (Builds?.RefusedReceiver(reader) is { } tooOld)
        {
            throw new MemberUnavailableException(tooOld);
        }

        var found =
            startIndex > endIndex
                ? []
                : entries.Read(startIndex, endIndex, reader.LogEntryMetadataOnly ? long.MaxValue : catchUpBytes);
        if (found.Count == 0 && startIndex <= endIndex)
        {
            return await SendSnapshotAsync(reader, startIndex, token);
        }

        var result = await reader.ReadAsync<RaftEntry, List<RaftEntry>>(found, null, token);
        if (startIndex + found.Count - 1 < endIndex)
        {
            result = AsPiece(result, isSnapshot: false);
            MemberLags?.Invoke();
        }

        return result;
    }

    private async ValueTask<TResult> SendSnapshotAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader,
        long startIndex,
        CancellationToken token
    )
    {
        using var snapshot = snapshots.Open();
        if (snapshot is null || snapshot.Index < startIndex)
        {
            // Of the entry before the first, the term is known.
            var term =
                entries.TermAt(startIndex)
                ?? throw new InvalidOperationException($"Neither the log nor a snapshot has entry {startIndex}.");
            return await reader.ReadAsync<RaftEntry, RaftEntry[]>(
                [new RaftEntry(default, term, null, isConfiguration: false)],
                null,
                token
            );
        }

        var result = await reader.ReadAsync<IRaftLogEntry, IRaftLogEntry[]>([snapshot], snapshot.Index, token);
        if (!reader.LogEntryMetadataOnly)
        {
            result = AsPiece(result, isSnapshot: true);
            MemberLags?.Invoke();
        }

        return result;
    }

    /// <summary>Changes the answer to a piece to how it counts.</summary>
    private TResult AsPiece<TResult>(TResult answer, bool isSnapshot)
    {
        if (typeof(TResult) != typeof(Result<ReplicationStatus>))
        {
            return answer;
        }

        var result = Unsafe.As<TResult, Result<ReplicationStatus>>(ref answer);
        var said = result.Value.Result;

        // A member that refuses a snapshot in our term has committed as much already: an answer of it was lost.
        // Otherwise it would be sent the same again and again.
        var hasItAlready = isSnapshot && said == HeartbeatResult.Rejected && result.Term <= LeadershipTerm;

        // The exchange succeeded, but does not count for the entry that was sent: the library takes the median of the
        // answers that come first, and a member that lags and answers quickly would hold up the others' commits.
        if (hasItAlready || said == HeartbeatResult.ReplicatedWithLeaderTerm)
        {
            result = result with { Value = result.Value with { Result = HeartbeatResult.Replicated } };
        }

        return Unsafe.As<Result<ReplicationStatus>, TResult>(ref result);
    }
}

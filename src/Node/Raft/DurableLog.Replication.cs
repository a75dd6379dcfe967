// What a leader sends to the other members. The library sends all that a member lacks in one exchange, which must end within a bound, and
// stays inside the log until the member has answered: while it is there the log can't be cut off behind a snapshot, and as soon as that
// waits, everything else waits behind it, for as long as a member is frozen. So what is sent is copied first, a bounded piece of it.
using System.Runtime.CompilerServices;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

/// <content>Replication.</content>
internal sealed partial class DurableLog
{
    /// <summary>Told when a member has taken a piece, and there is more for it.</summary>
    public Action? MemberLags { get; set; }

    async ValueTask<TResult> IAuditTrail<IRaftLogEntry>.ReadAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader, long startIndex, long endIndex, CancellationToken token)
    {
        if (startIndex > endIndex || reader.LogEntryMetadataOnly)
        {
            return await ReadAsync(reader, startIndex, endIndex, token);
        }

        var piece = await ReadAsync(new LogPiece(stateMachine, catchUpBytes), startIndex, endIndex, token);
        var result = await piece.HandToAsync(reader, token);
        if (piece.IsSnapshot || startIndex + piece.Count - 1 < endIndex)
        {
            result = AsPiece(result, piece.IsSnapshot);
            MemberLags?.Invoke();
        }

        piece.Recycle();
        return result;
    }

    /// <summary>How the answer to a piece counts.</summary>
    private TResult AsPiece<TResult>(TResult answer, bool isSnapshot)
    {
        if (typeof(TResult) != typeof(Result<ReplicationStatus>))
        {
            return answer;
        }

        var result = Unsafe.As<TResult, Result<ReplicationStatus>>(ref answer);
        var said = result.Value.Result;

        // A member that refuses a snapshot in our term has committed as much already: an answer of it was lost. Taken at its word, it would be
        // sent the same again and again.
        var hasItAlready = isSnapshot && said == HeartbeatResult.Rejected && result.Term <= LeadershipTerm;

        // It goes on well, but is no vote for what was asked for: the library takes the median of the answers that come first, and a member
        // that lags and answers quickly would hold up the others' commits.
        if (hasItAlready || said == HeartbeatResult.ReplicatedWithLeaderTerm)
        {
            result = result with { Value = result.Value with { Result = HeartbeatResult.Replicated } };
        }

        return Unsafe.As<Result<ReplicationStatus>, TResult>(ref result);
    }
}

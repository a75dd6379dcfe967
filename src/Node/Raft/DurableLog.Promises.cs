// Term and vote: promises that must be on disk before anybody hears of them. The library changes them in memory first and writes then; a write that
// failed must not leave a vote that is given away later, so it is the end of the node. Nobody but a member votes, and the vote has a
// checksummed copy of ours.
using System.Runtime.CompilerServices;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

/// <content>Term and vote.</content>
internal sealed partial class DurableLog
{
    /// <summary>The term that this node was last elected in, or tried to be. Not "the current term", which another leader may have set.</summary>
    public long LeadershipTerm => Volatile.Read(ref leadershipTerm);

    async ValueTask<long> IPersistentState.IncrementTermAsync(ClusterMemberId member, CancellationToken token)
    {
        ThrowIfStranger();
        long term = 0;
        await PromiseAsync(async () =>
        {
            term = await IncrementTerm(this, member, CancellationToken.None);
            voteCopy.Write(term, member);
        });
        Volatile.Write(ref leadershipTerm, term);
        return term;
    }

    ValueTask IPersistentState.UpdateTermAsync(long term, bool resetLastVote, CancellationToken token) => PromiseAsync(async () =>
    {
        await UpdateTerm(this, term, resetLastVote, CancellationToken.None);
        voteCopy.WriteTerm(term, resetLastVote);
    });

    ValueTask IPersistentState.UpdateVotedForAsync(ClusterMemberId member, CancellationToken token)
    {
        ThrowIfStranger();
        return PromiseAsync(async () =>
        {
            await UpdateVotedFor(this, member, CancellationToken.None);
            voteCopy.Write(Self.Term, member);
        });
    }

    // The base class implements these explicitly; re-implementing the interface hides them from any other way.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DotNext.Net.Cluster.Consensus.Raft.IPersistentState.IncrementTermAsync")]
    private static extern ValueTask<long> IncrementTerm(WriteAheadLog log, ClusterMemberId member, CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DotNext.Net.Cluster.Consensus.Raft.IPersistentState.UpdateTermAsync")]
    private static extern ValueTask UpdateTerm(WriteAheadLog log, long term, bool resetLastVote, CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DotNext.Net.Cluster.Consensus.Raft.IPersistentState.UpdateVotedForAsync")]
    private static extern ValueTask UpdateVotedFor(WriteAheadLog log, ClusterMemberId member, CancellationToken token);

    private async ValueTask PromiseAsync(Func<Task> write)
    {
        ThrowIfBroken();
        try
        {
            await write();
        }
        catch (Exception e)
        {
            Break(e);
            throw;
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
}

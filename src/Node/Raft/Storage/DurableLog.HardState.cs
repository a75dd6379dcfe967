// Term and vote. A vote must be on disk before it is sent to anybody, and a term before anything that its leader
// sent is acknowledged (HardStateFile.cs). A write that failed must not leave a vote that is given away later, so it is
// the end of the node. Nobody but a member votes.
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft.Storage;

/// <content>Term and vote.</content>
internal sealed partial class DurableLog
{
    /// <summary>The term that this node is in.</summary>
    public long Term => hardState.Term;

    /// <summary>
    /// The term that this node was last elected in, or tried to be. Not "the current term", which another leader may
    /// have set.
    /// </summary>
    public long LeadershipTerm => Volatile.Read(ref leadershipTerm);

    /// <summary>Whether it may vote for a member in this term.</summary>
    public bool MayVoteFor(in ClusterMemberId member) => hardState.MayVoteFor(member);

    /// <summary>Stands for election: votes for itself in the next term.</summary>
    public long IncrementTerm(ClusterMemberId self)
    {
        ThrowIfNotMember();
        var term = hardState.Term + 1;
        ShowAll();
        WriteHardState(() => hardState.Write(term, self));

        // The library takes the members that it asks for votes, and counts, from what it works with just after this.
        var counts = IsInForce(membership.EndPoints);
        Volatile.Write(ref voidTerm, counts ? 0 : term);
        Volatile.Write(ref leadershipTerm, counts ? term : -1);
        return term;
    }

    /// <summary>
    /// Enters a term that was received. It is on disk with the vote, or before anything is acknowledged to the term's
    /// leader.
    /// </summary>
    public void UpdateTerm(long term, bool forgetVote)
    {
        ThrowIfBroken();
        hardState.Enter(term, forgetVote);
    }

    /// <summary>Writes a vote.</summary>
    public void Vote(ClusterMemberId member)
    {
        ThrowIfNotMember();
        WriteHardState(() => hardState.Write(hardState.Term, member));
    }

    private void WriteHardState(Action write)
    {
        ThrowIfBroken();
        try
        {
            write();
        }
        catch (Exception e)
        {
            Break(e);
            throw;
        }
    }

    /// <summary>Throws if this node has no vote: it is no member, or not yet, or was one with other data.</summary>
    private void ThrowIfNotMember()
    {
        if (!membership.MayVote)
        {
            throw new NotAMemberException();
        }
    }
}

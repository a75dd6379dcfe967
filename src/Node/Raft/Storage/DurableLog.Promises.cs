// Term and vote: promises that must be on disk before anybody hears of them. A write that failed must not leave a vote that is given away
// later, so it is the end of the node. Nobody but a member votes.
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft;

/// <content>Term and vote.</content>
internal sealed partial class DurableLog
{
    /// <summary>The term that this node is in.</summary>
    public long Term => votes.Term;

    /// <summary>The term that this node was last elected in, or tried to be. Not "the current term", which another leader may have set.</summary>
    public long LeadershipTerm => Volatile.Read(ref leadershipTerm);

    /// <summary>Whether it may vote for a member in this term.</summary>
    public bool MayVoteFor(in ClusterMemberId member) => votes.MayVoteFor(member);

    /// <summary>Stands for election: votes for itself in the next term.</summary>
    public long IncrementTerm(ClusterMemberId self)
    {
        ThrowIfStranger();
        var term = votes.Term + 1;
        Promise(() => votes.Write(term, self));
        Volatile.Write(ref leadershipTerm, term);
        return term;
    }

    /// <summary>Hears of a term.</summary>
    public void UpdateTerm(long term, bool forgetVote) => Promise(() => votes.WriteTerm(term, forgetVote));

    /// <summary>Votes.</summary>
    public void Vote(ClusterMemberId member)
    {
        ThrowIfStranger();
        Promise(() => votes.Write(votes.Term, member));
    }

    private void Promise(Action write)
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

    /// <summary>Who is no member, or not yet, or no longer with the data that it was one with, has no vote.</summary>
    private void ThrowIfStranger()
    {
        if (!membership.HasSelf)
        {
            throw new NotAMemberException();
        }
    }
}

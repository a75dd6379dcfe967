// Who the members are, and how they change: founded once, then one at a time by the leader.
using DotNext.Net.Cluster.Consensus.Raft;

namespace RaftLocks.Node.Raft;

/// <content>Membership.</content>
public sealed partial class RaftNode
{
    /// <summary>All members, as far as this node has applied the log.</summary>
    public IReadOnlyList<Member> Members => membership.Members;

    /// <summary>Index of the entry that last changed them; 0 for the founders, -1 while nobody is known.</summary>
    public long MembersIndex => membership.Index;

    /// <summary>Random, of this node's data folder: by it the others know that it still has what it promised.</summary>
    public string Incarnation => folder.Incarnation;

    /// <summary>Whether the node belongs to a cluster or waits to be added to one; before that it makes no promises.</summary>
    public bool IsFounded => folder.IsFounded;

    /// <summary>Whether this node is a member.</summary>
    public bool IsMember => membership.HasSelf;

    /// <summary>Whether this node, as the leader, is just adding a member.</summary>
    public bool IsAddingMember => membership.IsAdding;

    /// <summary>Founds the cluster, as every founder does with the same list.</summary>
    /// <exception cref="ArgumentException">Not one member, three or five.</exception>
    public void Found(IReadOnlyList<Member> founders)
    {
        if (founders.Count is not (1 or 3 or RaftNodeOptions.MaxMembers))
        {
            throw new ArgumentException("A cluster is founded with one member, three or five.", nameof(founders));
        }

        membership.Found([.. founders.Select(member => member.Name == options.Name ? member with { Incarnation = folder.Incarnation } : member)]);
        folder.MarkFounded();
    }

    /// <summary>Knows nobody, and waits until the leader of a cluster adds this node.</summary>
    public void AwaitBeingAdded()
    {
        membership.Found([]);
        folder.MarkFounded();
    }

    /// <summary>Adds a member; returns when it has caught up and the others have agreed. Only a leader can.</summary>
    /// <returns>False if it can't be reached, or did not catch up.</returns>
    /// <exception cref="InvalidOperationException">This node does not lead, or another change is on its way.</exception>
    public async Task<bool> AddMemberAsync(Member added, CancellationToken token)
    {
        membership.Announce(added);
        try
        {
            return await cluster.AddMemberAsync(added.RaftEndPoint, token);
        }
        finally
        {
            membership.Announce(null);
        }
    }

    /// <summary>Removes a member; returns when the others have agreed. Only a leader can, and not itself.</summary>
    /// <exception cref="InvalidOperationException">This node does not lead, or another change is on its way.</exception>
    public Task<bool> RemoveMemberAsync(Member removed, CancellationToken token) => cluster.RemoveMemberAsync(removed.RaftEndPoint, token);

    /// <summary>Gives up leadership, so that another takes over.</summary>
    public Task HandOverAsync() => HandOverAsync(CancellationToken.None);

    /// <summary>Tells a node that hears from no leader whom another member knows. Whoever was removed is told by nobody else.</summary>
    public void Hear(IReadOnlyList<Member> members, long index)
    {
        if (membership.HasSelf && index > membership.Index && !members.Any(member => member.Name == options.Name && member.Incarnation == Incarnation))
        {
            Leave();
        }
    }

    private void OnMembersChanged(bool wasMember)
    {
        Log.MembersChanged(logger, membership.Index, string.Join(", ", Members.Select(member => $"{member.Name} ({member.RaftAddress})")));
        if (wasMember && !membership.HasSelf)
        {
            Leave();
        }
    }

    private void Leave()
    {
        folder.MarkRemoved();
        Fail("This node was removed from the cluster. To add it anew, give it an empty data folder and start it with --join.", null);
    }
}

// Who the members are, and how they change: they are bootstrapped once, then the leader changes one at a time.
using System.Net;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Raft;

/// <content>Membership.</content>
public sealed partial class RaftNode
{
    private static readonly string OneAtATime = "another change of members is on its way.";

    // One change at a time, and the library's own lock knows only of those that add or remove.
    private readonly SemaphoreSlim changing = new(1, 1);

    /// <summary>
    /// All members by the newest configuration in this node's log, which may not be committed yet: those that count.
    /// </summary>
    public IReadOnlyList<Member> Members => membership.Members;

    /// <summary>Index of that configuration's entry; 0 for the initial members, -1 while nobody is known.</summary>
    public long MembersIndex => membership.Index;

    /// <summary>All members, as far as this node has applied the log.</summary>
    public IReadOnlyList<Member> AppliedMembers => membership.AppliedMembers;

    /// <summary>Index of the entry that last changed them.</summary>
    public long AppliedMembersIndex => membership.AppliedIndex;

    /// <summary>The random incarnation of this node's data folder. It shows the others that this node still has its
    /// data.</summary>
    public string Incarnation => folder.Incarnation;

    /// <summary>
    /// Whether the node belongs to a cluster or waits to be added to one. Before that it does not vote or acknowledge
    /// anything.
    /// </summary>
    public bool IsBootstrapped => folder.IsBootstrapped;

    /// <summary>
    /// Whether this node is a member, by the newest configuration in its log or by the one that it has applied.
    /// </summary>
    public bool IsMember => membership.IsMember;

    /// <summary>Why this node may not belong to a cluster with others; null if it may.</summary>
    public string? OnlyAlone => options.OnlyAlone;

    /// <summary>Whom this node, as the leader, is just adding as a member; null if nobody.</summary>
    public Member? AddingMember => membership.Adding;

    /// <summary>Bootstraps the cluster. Every initial member does so with the same list.</summary>
    /// <exception cref="ArgumentException">Not one member, three or five.</exception>
    public void Bootstrap(IReadOnlyList<Member> initialMembers)
    {
        if (initialMembers.Count is not (1 or 3 or Limits.MaxMembers))
        {
            throw new ArgumentException("A cluster is founded with one member, three or five.", nameof(initialMembers));
        }

        membership.Bootstrap([
            .. initialMembers.Select(member =>
                member.Name == options.Name ? member with { Incarnation = folder.Incarnation } : member
            ),
        ]);
        folder.MarkBootstrapped();
    }

    /// <summary>Starts without members, and waits until the leader of a cluster adds this node.</summary>
    public void WaitToJoin()
    {
        membership.Bootstrap([]);
        folder.MarkBootstrapped();
    }

    /// <summary>Adds a member; returns when it has caught up and the others have agreed. Only a leader can.</summary>
    /// <returns>False if it can't be reached, or did not catch up.</returns>
    /// <exception cref="InvalidOperationException">This node does not lead, or another change is on its
    /// way.</exception>
    public Task<bool> AddMemberAsync(Member added, CancellationToken token) =>
        ChangeAsync(async () =>
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
        });

    /// <summary>Removes a member; returns when the others have agreed. Only a leader can, and not itself.</summary>
    /// <exception cref="InvalidOperationException">This node does not lead, or another change is on its
    /// way.</exception>
    public Task<bool> RemoveMemberAsync(Member removed, CancellationToken token) =>
        ChangeAsync(() => cluster.RemoveMemberAsync(removed.RaftEndPoint, token));

    /// <summary>Ends this node: a majority of the members agrees on a state, and this node has another one.</summary>
    internal void EndOutvoted(string reason)
    {
        var contradiction = new ContradictionException(reason);
        Fail(contradiction.Message, contradiction);
    }

    /// <summary>Gives up leadership, so that another takes over.</summary>
    public Task TransferLeadershipAsync() => TransferLeadershipAsync(CancellationToken.None);

    /// <summary>Tells a node that hears from no leader whom another member has applied as members. Whoever was removed
    /// is told by nobody else; and whoever was away may have to vote for one that has come meanwhile.
    /// </summary>
    public void Observe(IReadOnlyList<Member> members, long index)
    {
        if (!IsMember || index <= AppliedMembersIndex)
        {
            return;
        }

        if (members.Any(member => member.Name == options.Name && member.Incarnation == Incarnation))
        {
            membership.Observe(members, index);
        }
        else
        {
            Leave();
        }
    }

    /// <summary>
    /// Tells a node that waits to be added whom another member's log names as members, with this node among them.
    /// </summary>
    public void ObserveAddition(IReadOnlyList<Member> members)
    {
        membership.Introduce(members);
        membership.ObserveAddition(members);
    }

    /// <summary>Whether somebody has spoken Raft with this node since this was last asked whom it does not know:
    /// perhaps a member that came meanwhile.</summary>
    public bool HasMetUnknown() => admission.HasMetUnknown();

    private async Task<bool> ChangeAsync(Func<Task<bool>> change)
    {
        if (!changing.Wait(0))
        {
            throw new TooEarlyException(OneAtATime);
        }

        try
        {
            return await change();
        }
        finally
        {
            changing.Release();
        }
    }

    private bool IsSelf(Member member) =>
        member.Name == options.Name && (member.Incarnation.Length == 0 || member.Incarnation == Incarnation);

    private bool IsInForce(IReadOnlySet<EndPoint> members)
    {
        var known = cluster.Members;
        return known.Count == members.Count && known.All(member => members.Contains(member.EndPoint));
    }

    /// <summary>
    /// A candidate that won a void election is brought back among the followers, where its timer runs again.
    /// </summary>
    private async Task StandForElectionAgainAsync()
    {
        try
        {
            await cluster.EnableStandbyModeAsync(stopping.Token);
            await cluster.RevertToNormalModeAsync(stopping.Token);
        }
        catch (Exception e)
            when (e is OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // Stopping.
        }
    }

    private void OnMembersChanged(bool wasMember)
    {
        Log.MembersChanged(
            logger,
            AppliedMembersIndex,
            string.Join(", ", AppliedMembers.Select(member => $"{member.Name} ({member.RaftAddress})"))
        );
        if (wasMember && !AppliedMembers.Any(IsSelf))
        {
            Leave();
        }
    }

    private void Leave()
    {
        folder.MarkRemoved();
        Fail(
            "This node was removed from the cluster. To add it anew, give it an empty data folder and start it "
                + "with --join.",
            null
        );
    }
}

// Whom this node may believe. That is more than the members that count: an uncommitted configuration may be truncated,
// and then the one before it counts again, so its members are still listened to.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Raft.Membership;

/// <content>Whom this node knows.</content>
internal sealed partial class MembershipStore
{
    // Whom a node that waits to be added has heard of.
    private IReadOnlyList<Member> introduced = [];
    private volatile IReadOnlyList<Member> known = [];

    /// <summary>
    /// All others that this node may have to take a message from: the members of each configuration that counts, or may
    /// count again; and for a node that waits to be added, whomever it has heard of. Another list after each change.
    /// </summary>
    public IReadOnlyList<Member> Known => known;

    /// <summary>Is told who belongs to the cluster that this node waits to be added to.</summary>
    public void Introduce(IReadOnlyList<Member> members)
    {
        lock (gate)
        {
            introduced = [.. members, .. introduced.Where(older => members.All(member => member.Name != older.Name))];
            FindKnown();
        }
    }

    /// <summary>Newest first: where two had the same address, the last one has it. Called while the gate is
    /// held.</summary>
    private void FindKnown()
    {
        var configurations = appended.Append(applied).Append(observed).OfType<Configuration>();
        var members = configurations.OrderByDescending(one => one.Index).SelectMany(one => one.Set.All);
        known =
        [
            .. new[] { candidate }
                .OfType<Member>()
                .Concat(members)
                .Concat(IsMember ? [] : introduced)
                .Where(member => member.Name != self)
                .Distinct(),
        ];
    }
}

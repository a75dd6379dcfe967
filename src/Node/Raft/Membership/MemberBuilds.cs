// What the members' builds can read, as they say themselves (/v1/node). A leader sends nothing to a member whose
// build is too old for what the log and the snapshot hold: it would not understand it, and be sent the same again and
// again. That happens only when a member is started with an older build after the feature level was raised; it is
// told of, and over when the member is back with a build that will do.
using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Node.Raft.Membership;

/// <summary>Knows which members may be sent entries and snapshots.</summary>
/// <param name="levelInForce">The replicated feature level.</param>
/// <param name="logger">The log.</param>
internal sealed class MemberBuilds(Func<int> levelInForce, ILogger logger)
{
    private readonly ConcurrentDictionary<EndPoint, Build> older = new();

    /// <summary>Members that are sent nothing, because their builds are too old.</summary>
    public IReadOnlyList<string> TooOld =>
        older.IsEmpty
            ? []
            : [.. older.Values.Where(IsTooOld).Select(build => build.Name).Order(StringComparer.Ordinal)];

    /// <summary>Notes what a member's build supports.</summary>
    /// <param name="member">The member.</param>
    /// <param name="featureLevel">The highest feature level that it supports.</param>
    /// <param name="snapshotVersion">The version of snapshots that it reads.</param>
    public void Note(Member member, int featureLevel, int snapshotVersion)
    {
        if (featureLevel >= Versions.SupportedFeatureLevel && snapshotVersion >= Versions.Snapshot)
        {
            older.TryRemove(member.RaftEndPoint, out _);
            return;
        }

        var build = new Build(member.Name, featureLevel, snapshotVersion);
        var isNews = !older.TryGetValue(member.RaftEndPoint, out var known) || known != build;
        older[member.RaftEndPoint] = build;
        if (isNews && IsTooOld(build))
        {
            MembershipLog.MemberTooOld(
                logger,
                build.Name,
                featureLevel,
                snapshotVersion,
                levelInForce(),
                Versions.SnapshotAt(levelInForce())
            );
        }
    }

    /// <summary>Forgets a member that does not answer: it may be back with a newer build.</summary>
    public void Forget(Member member) => older.TryRemove(member.RaftEndPoint, out _);

    /// <summary>
    /// Forgets all. What a node has heard as a leader is out of date at its next election, and must not keep it from
    /// being one: it asks again when it leads.
    /// </summary>
    public void ForgetAll() => older.Clear();

    /// <summary>Forgets those who are no members any more.</summary>
    public void KeepOnly(IReadOnlyList<Member> members)
    {
        foreach (var gone in older.Keys.Except(members.Select(member => member.RaftEndPoint)))
        {
            older.TryRemove(gone, out _);
        }
    }

    /// <summary>The member that a reader of the log sends to, if it must be sent nothing; else null.</summary>
    public IRaftClusterMember? RefusedReceiver(object reader)
    {
        if (older.IsEmpty || ReceiverOf(reader) is not { } receiver)
        {
            return null;
        }

        return older.TryGetValue(receiver.EndPoint, out var build) && IsTooOld(build) ? receiver : null;
    }

    /// <summary>The library's replication of one member reads the log, and does not say for whom (6.12: a private
    /// field).</summary>
    private static IRaftClusterMember? ReceiverOf(object reader) =>
        reader.GetType().GetField("member", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(reader)
        as IRaftClusterMember;

    private bool IsTooOld(Build build) =>
        build.FeatureLevel < levelInForce() || build.SnapshotVersion < Versions.SnapshotAt(levelInForce());

    private sealed record Build(string Name, int FeatureLevel, int SnapshotVersion);
}

// Who may speak Raft with this node: the members, as it knows them. What they send must be what a member could send:
// entries that this build can read, and with a snapshot members among which this node still is.
using System.Collections.Frozen;
using System.Net;
using DotNext.Net.Cluster;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.Node.Raft.Transport;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Raft;

/// <summary>Tells members from strangers. Thread-safe.</summary>
/// <param name="membership">The members.</param>
/// <param name="log">The log, with this node's term.</param>
/// <param name="metrics">The counters; null for none.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where refusals are told, now and then.</param>
internal sealed class MemberAdmission(
    MembershipStore membership,
    DurableLog log,
    RaftMetrics? metrics,
    TimeProvider time,
    ILogger logger
) : IAdmission
{
    private readonly Lock gate = new();
    private volatile Directory directory = new([]);
    private int hasMetUnknown;
    private long? toldAt;
    private long untold;

    /// <inheritdoc/>
    public long Term => log.Term;

    /// <inheritdoc/>
    public long MaxTermJump => membership.IsMember ? TransportLimits.MaxTermJump : TransportLimits.MaxFirstTerm;

    private Directory Current
    {
        get
        {
            var (known, current) = (membership.Known, directory);
            return ReferenceEquals(known, current.Members) ? current : directory = new Directory(known);
        }
    }

    /// <inheritdoc/>
    public string? NameOf(in ClusterMemberId sender) => Current.Ids.GetValueOrDefault(sender);

    /// <inheritdoc/>
    public string? NameAt(EndPoint endPoint) => Current.EndPoints.GetValueOrDefault(endPoint);

    /// <inheritdoc/>
    public bool IsMember(string name) => Current.Names.Contains(name);

    /// <inheritdoc/>
    public string? FaultOfEntry(ReadOnlySpan<byte> content, bool isConfiguration)
    {
        if (isConfiguration)
        {
            return FaultOf(content, out _);
        }

        // The first entry of a term is empty.
        var outcome = content.IsEmpty ? ApplyOutcome.Applied : EntryFormat.Check(content);
        return outcome switch
        {
            ApplyOutcome.Applied => null,
            ApplyOutcome.Damaged => "that is damaged",
            _ => "that only a newer version can read: start this node with the version that the others have",
        };
    }

    /// <inheritdoc/>
    public string? FaultOfMembers(ReadOnlySpan<byte> members, long version)
    {
        if (FaultOf(members, out var list) is { } fault)
        {
            return fault;
        }

        // Nobody sends a snapshot to a node that was removed.
        return membership.IsMember && version > membership.AppliedIndex && !list.Exists(membership.IsSelf)
            ? "among which this node is not"
            : null;
    }

    /// <inheritdoc/>
    public void OnRefused(EndPoint? from, bool isUnknown, string reason)
    {
        metrics?.Refuses();
        if (isUnknown)
        {
            Volatile.Write(ref hasMetUnknown, 1);
        }

        long count;
        lock (gate)
        {
            untold++;
            if (toldAt is { } at && time.GetElapsedTime(at).TotalSeconds < TransportLimits.RefusalWarningSeconds)
            {
                return;
            }

            (toldAt, count, untold) = (time.GetTimestamp(), untold, 0);
        }

        Log.Refused(logger, from, reason, count);
    }

    /// <inheritdoc/>
    public void OnNotAccepted() => metrics?.DoesNotAccept();

    /// <summary>Whether somebody was refused as unknown since this was last asked.</summary>
    public bool HasMetUnknown() => Interlocked.Exchange(ref hasMetUnknown, 0) == 1;

    private static string? FaultOf(ReadOnlySpan<byte> members, out List<Member> list)
    {
        list = [];
        try
        {
            list = MemberCodec.Decode(members);
            return null;
        }
        catch (NewerDataException)
        {
            return "that only a newer version can read: start this node with the version that the others have";
        }
        catch (InvalidDataException)
        {
            return "that is damaged";
        }
    }

    /// <summary>The members by all that they are known by.</summary>
    private sealed class Directory
    {
        public Directory(IReadOnlyList<Member> members)
        {
            Members = members;

            // The newest come first, and keep an address that two of them have had.
            var newest = members.DistinctBy(member => member.RaftEndPoint).ToList();
            EndPoints = newest.ToFrozenDictionary(member => member.RaftEndPoint, member => member.Name);
            Ids = newest.ToFrozenDictionary(
                member => ClusterMemberId.FromEndPoint(member.RaftEndPoint),
                member => member.Name
            );
            Names = members.Select(member => member.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        }

        public IReadOnlyList<Member> Members { get; }

        public FrozenDictionary<EndPoint, string> EndPoints { get; }

        public FrozenDictionary<ClusterMemberId, string> Ids { get; }

        public FrozenSet<string> Names { get; }
    }
}

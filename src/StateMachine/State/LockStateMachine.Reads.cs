// What can be asked of the state machine without changing it.
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

public sealed partial class LockStateMachine
{
    /// <summary>
    /// The digests at the last indexes that were multiples of <see cref="Limits.DigestInterval"/>, oldest first.
    /// </summary>
    public DigestPoint[] DigestHistory => points.ToArray();

    /// <summary>All live requests: namespaces in byte order, ids ascending.</summary>
    public LockRequest[] LiveRequests
    {
        get
        {
            // Each namespace has its own linked in id order, so that only the namespaces are sorted: of a million
            // requests it makes seconds.
            var requests = new LockRequest[live.Count];
            var count = 0;
            foreach (var space in namespaces.InByteOrder())
            {
                for (var next = space.Oldest; next is not null; next = next.Younger)
                {
                    requests[count++] = next;
                }
            }

            return requests;
        }
    }

    /// <summary>How many of them are acquired.</summary>
    public int AcquiredCount => live.AcquiredCount;

    /// <summary>A namespace in figures; false if nothing was ever locked in it.</summary>
    public bool TryGetNamespace(ReadOnlySpan<byte> name, out NamespaceSummary summary) =>
        namespaces.TryGet(name, out summary);

    /// <summary>A live request by id.</summary>
    public LockRequest? FindRequest(ReadOnlySpan<byte> name, ulong id) =>
        namespaces.Find(name) is { } owner ? live.Find(owner, id) : null;

    /// <summary>A session's live request.</summary>
    public LockRequest? FindRequest(ReadOnlySpan<byte> name, SessionId session, ReadOnlyMemory<byte> channel) =>
        namespaces.Find(name) is { } owner ? live.Find(owner, session, channel.Span) : null;

    /// <summary>Nodes of all trees: as many as the live requests' paths have.</summary>
    internal int NodeCount => tree.NodeCount;

    internal static int Compare(LockRequest a, LockRequest b)
    {
        var byName = ReferenceEquals(a.Owner, b.Owner) ? 0 : a.Owner.Key.AsSpan().SequenceCompareTo(b.Owner.Key);
        return byName != 0 ? byName : a.Id.CompareTo(b.Id);
    }
}

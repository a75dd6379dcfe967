// The digests of the state after each of the last entries. The state machine itself keeps a digest at every 64th index
// only, but replicas that differ must be found at the next entry.
using RaftLocks.StateMachine;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <summary>The digests in a ring. One thread at a time.</summary>
internal sealed class RecentDigestHistory
{
    // As many as the distance between two of the state machine's own: at any rate two nodes that are asked a moment
    // apart share an index.
    private const int Kept = Limits.DigestInterval;
    private readonly DigestPoint[] ring = new DigestPoint[Kept];
    private int count;
    private int next;

    /// <summary>Adds the state as it stands.</summary>
    public void Add(LockStateMachine machine)
    {
        ring[next] = new DigestPoint(machine.AppliedIndex, machine.Digest, machine.LedgerHead.Head);
        next = (next + 1) % Kept;
        count = Math.Min(count + 1, Kept);
    }

    /// <summary>Forgets everything: another state replaces this one.</summary>
    public void Clear() => (count, next) = (0, 0);

    /// <summary>Returns what is kept, oldest first.</summary>
    public DigestPoint[] ToArray()
    {
        var points = new DigestPoint[count];
        for (var i = 0; i < count; i++)
        {
            points[i] = ring[(next - count + i + Kept) % Kept];
        }

        return points;
    }
}

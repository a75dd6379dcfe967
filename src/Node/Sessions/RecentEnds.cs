// Why the last lock of a resumable session's main channel was ended by the node: so that a client that comes back can be told. Only the last few
// thousand are remembered, and only by this leader: a courtesy, nothing to rely on.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>The last ends, by session.</summary>
internal sealed class RecentEnds
{
    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, NodeEnd> ends = [];
    private readonly Queue<UInt128> order = [];

    public void Add(SessionId session, NodeEnd how)
    {
        lock (gate)
        {
            if (!ends.ContainsKey(session.Value))
            {
                order.Enqueue(session.Value);
            }

            ends[session.Value] = how;
            while (order.Count > Settings.Limits.MaxRememberedEnds)
            {
                ends.Remove(order.Dequeue());
            }
        }
    }

    public NodeEnd Find(SessionId session)
    {
        lock (gate)
        {
            return ends.GetValueOrDefault(session.Value);
        }
    }

    /// <summary>It has a newer lock.</summary>
    public void Remove(SessionId session)
    {
        lock (gate)
        {
            if (ends.ContainsKey(session.Value))
            {
                ends[session.Value] = NodeEnd.None;
            }
        }
    }
}

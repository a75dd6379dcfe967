// Connections that others have made to this node. Each member needs one. Connections that a crashed machine or an
// unknown program leaves open must not add up until no member gets in. So there is a limit, and at the limit the
// connection that has been silent for the longest time is closed.
namespace RaftLocks.Node.Raft.Transport;

/// <summary>The open inbound connections, a bounded number of them.</summary>
/// <param name="limit">How many.</param>
/// <param name="time">The clock.</param>
internal sealed class InboundTable(int limit, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly HashSet<InboundConnection> open = [];

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return open.Count;
            }
        }
    }

    /// <summary>
    /// Reads a connection; closes the one that has been silent for the longest time if there is no room.
    /// </summary>
    public InboundConnection Add(AcceptedStream accepted)
    {
        var added = new InboundConnection(accepted, this, time);
        InboundConnection? evicted = null;
        lock (gate)
        {
            if (open.Count >= limit)
            {
                evicted = open.MinBy(connection => connection.LastReadAt);
            }

            open.Add(added);
        }

        evicted?.Abort();
        return added;
    }

    /// <summary>Forgets a connection that is closed.</summary>
    public void Remove(InboundConnection connection)
    {
        lock (gate)
        {
            open.Remove(connection);
        }
    }
}

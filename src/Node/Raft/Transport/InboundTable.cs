// Connections that others have made to this node. Each member needs one. Connections that a crashed machine or an
// unknown program leaves open must not add up until no member gets in. So there is a limit, and at the limit a
// connection is closed: one of those that have not shown whose they are, of the address that has the most of them;
// where all are members', the one that has been silent for the longest time.
using System.Net;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>The open inbound connections, a bounded number of them.</summary>
/// <param name="limit">How many.</param>
/// <param name="admission">Who may say what on them.</param>
/// <param name="time">The clock.</param>
internal sealed class InboundTable(int limit, IAdmission admission, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly HashSet<InboundConnection> open = [];
    private long gathering;

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

    /// <summary>Reads a connection; closes another one if there is no room.</summary>
    public InboundConnection Add(AcceptedStream accepted)
    {
        var added = new InboundConnection(accepted, this, admission, time);
        InboundConnection? evicted = null;
        lock (gate)
        {
            if (open.Count >= limit)
            {
                evicted = Dispensable();
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

    /// <summary>Takes room for a request that is gathered; false if others take too much of it.</summary>
    public bool TryGather(int bytes)
    {
        if (Interlocked.Add(ref gathering, bytes) <= TransportLimits.MaxGatheredBytes)
        {
            return true;
        }

        Interlocked.Add(ref gathering, -bytes);
        return false;
    }

    /// <summary>Gives that room back.</summary>
    public void Gathered(int bytes) => Interlocked.Add(ref gathering, -bytes);

    private InboundConnection? Dispensable() =>
        open.Where(connection => !connection.IsMembers)
            .GroupBy(connection => (connection.RemoteEndPoint as IPEndPoint)?.Address)
            .MaxBy(group => group.Count())
            ?.MinBy(connection => connection.LastReadAt)
        ?? open.MinBy(connection => connection.LastReadAt);
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RaftLocks.Cluster;

// Ports for a test cluster, taken below the range from which the kernel picks ports for outgoing
// connections: a node that is restarted finds its own port still free.

/// <summary>Free TCP ports of the loopback address.</summary>
public static class FreePorts
{
    private const int Lowest = 15_000;
    private const int Highest = 32_000;

    // A port is given once to each process: clusters that start side by side don't take it from each other.
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>Takes <paramref name="count"/> different ports on which nobody listens.</summary>
    public static int[] Take(int count)
    {
        var taken = new HashSet<int>();
        while (taken.Count < count)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (IsFree(port) && Given.TryAdd(port, true))
            {
                taken.Add(port);
            }
        }

        return [.. taken];
    }

    private static bool IsFree(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

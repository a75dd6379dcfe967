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
    /// <exception cref="InvalidOperationException">There are not so many.</exception>
    public static int[] Take(int count) => Take(count, IsFree);

    /// <summary>Takes different ports for which <paramref name="isFree"/> holds.</summary>
    /// <exception cref="InvalidOperationException">There are not so many; none is taken then.</exception>
    internal static int[] Take(int count, Func<int, bool> isFree)
    {
        var taken = new List<int>();
        while (taken.Count < count)
        {
            if (Next(isFree) is not { } port)
            {
                taken.ForEach(port => Given.TryRemove(port, out _));
                throw new InvalidOperationException(
                    $"Of the ports {Lowest} to {Highest - 1} no {count} are free: end what listens there."
                );
            }

            taken.Add(port);
        }

        return [.. taken];
    }

    // Each port is looked at once, from one by chance on.
    private static int? Next(Func<int, bool> isFree)
    {
        var first = Random.Shared.Next(Highest - Lowest);
        for (var i = 0; i < Highest - Lowest; i++)
        {
            var port = Lowest + ((first + i) % (Highest - Lowest));
            if (!Given.ContainsKey(port) && isFree(port) && Given.TryAdd(port, true))
            {
                return port;
            }
        }

        return null;
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

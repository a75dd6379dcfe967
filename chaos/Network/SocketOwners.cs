// Which process opened a connection: the kernel tells (SocketDiagnosis names the socket's inode, /proc/PID/fd who has
// it open). By this the one proxy in front of a node knows which of the others calls, though all come from the same
// address.
using System.Net;

namespace RaftLocks.Chaos.Network;

/// <summary>Looks up the owners of sockets.</summary>
internal static class SocketOwners
{
    /// <summary>The one of the processes whose socket is bound to an address and connected to another; null if it is
    /// none of them.
    /// </summary>
    public static int? Find(IPEndPoint local, IPEndPoint remote, IEnumerable<int> processes)
    {
        if (SocketDiagnosis.InodeOf(local, remote) is not { } inode)
        {
            return null;
        }

        var link = $"socket:[{inode}]";
        foreach (var process in processes)
        {
            try
            {
                if (Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == link))
                {
                    return process;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process ended meanwhile.
            }
        }

        return null;
    }
}

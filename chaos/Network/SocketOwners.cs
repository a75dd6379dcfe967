// Which process opened a connection: the kernel tells (/proc/net/tcp names each socket's inode, /proc/PID/fd who has it open). By this the one
// proxy in front of a node knows which of the others calls, though all come from the same address.
using System.Globalization;

namespace RaftLocks.Chaos.Network;

/// <summary>Looks up the owners of sockets.</summary>
internal static class SocketOwners
{
    private const int LocalAddressColumn = 1;
    private const int RemoteAddressColumn = 2;
    private const int InodeColumn = 9;
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The one of the processes whose socket is bound to a local port and connected to another; null if it is none of them.</summary>
    public static int? Find(int localPort, int remotePort, IEnumerable<int> processes)
    {
        if (InodeOf(localPort, remotePort) is not { } inode)
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

    private static string? InodeOf(int localPort, int remotePort)
    {
        var local = ":" + localPort.ToString("X4", CultureInfo.InvariantCulture);
        var remote = ":" + remotePort.ToString("X4", CultureInfo.InvariantCulture);
        return Tables.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(columns => columns[LocalAddressColumn].EndsWith(local, StringComparison.Ordinal)
                && columns[RemoteAddressColumn].EndsWith(remote, StringComparison.Ordinal))
            ?[InodeColumn];
    }
}

// Who belongs to the cluster, and where each member is reached: by Raft, by clients, and by other nodes that forward
// clients.
using System.Net;

namespace RaftLocks.Node.Foundation;

/// <summary>One member of the cluster.</summary>
/// <param name="Name">Unique within the cluster.</param>
/// <param name="RaftHost">Host name or address for Raft.</param>
/// <param name="RaftPort">Port for Raft.</param>
/// <param name="ClientUrl">The address to which clients are sent.</param>
/// <param name="InternalUrl">The address to which other nodes forward clients.</param>
public sealed record Member(string Name, string RaftHost, int RaftPort, Uri ClientUrl, Uri InternalUrl)
{
    /// <summary>The random incarnation of the member's data folder; empty where it is not known yet.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>
    /// The Raft address as the library wants it: an address where it is one, else a name to resolve at each connect.
    /// </summary>
    public EndPoint RaftEndPoint =>
        IPAddress.TryParse(RaftHost, out var address)
            ? new IPEndPoint(address, RaftPort)
            : new DnsEndPoint(RaftHost, RaftPort);

    /// <summary>Host and port for Raft; an IPv6 address stands in brackets.</summary>
    public string RaftAddress =>
        RaftHost.Contains(':', StringComparison.Ordinal) ? $"[{RaftHost}]:{RaftPort}" : $"{RaftHost}:{RaftPort}";
}

// Who belongs to the cluster, and where each member is reached: by Raft, by clients, and by other nodes that forward clients.
using System.Net;

namespace RaftLocks.Node.Raft;

/// <summary>One member of the cluster.</summary>
/// <param name="Name">Unique within the cluster.</param>
/// <param name="RaftHost">Host name or address for Raft.</param>
/// <param name="RaftPort">Port for Raft.</param>
/// <param name="ClientUrl">Where clients are sent to.</param>
/// <param name="InternalUrl">Where other nodes forward clients to.</param>
public sealed record Member(string Name, string RaftHost, int RaftPort, Uri ClientUrl, Uri InternalUrl)
{
    /// <summary>Random, of the data folder that this member keeps its promises in; empty where nobody has looked.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>The Raft address as the library wants it: an address where it is one, else a name to resolve at each connect.</summary>
    public EndPoint RaftEndPoint => IPAddress.TryParse(RaftHost, out var address)
        ? new IPEndPoint(address, RaftPort)
        : new DnsEndPoint(RaftHost, RaftPort);

    /// <summary>Host and port for Raft.</summary>
    public string RaftAddress => $"{RaftHost}:{RaftPort}";
}

// What the connections between members must be told: how long each of their waits may take, and the network beneath.
namespace RaftLocks.Node.Raft.Transport;

/// <summary>Settings of the connections between members.</summary>
/// <param name="Network">How members reach each other.</param>
internal sealed record TransportOptions(IRaftNetwork Network)
{
    /// <summary>The certificates that members show each other, as they are now; null for plain TCP.</summary>
    public Func<RaftCertificates>? Certificates { get; init; }

    /// <summary>How long connecting to a member may take, ms; with TLS until it has proven who it is.</summary>
    public required int ConnectTimeoutMs { get; init; }

    /// <summary>How long a member may take to answer a pre-vote, connecting included, ms.</summary>
    public required int PreVoteMs { get; init; }

    /// <summary>How long a member may take to answer a vote, connecting included, ms.</summary>
    public required int VoteMs { get; init; }

    /// <summary>How long an election waits for the others when a majority has answered, ms.</summary>
    public required int ElectionGraceMs { get; init; }

    /// <summary>How long a round of replication may wait for a member when the others have answered, ms.</summary>
    public required int ReplicationGraceMs { get; init; }
}

// GET /v1/cluster: a node's view of its cluster, with the digests by which replicas are compared. A list or a part that
// may be null is missing in what a build of another version answers; this build's node always sends it.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The answer of GET /v1/cluster.</summary>
/// <param name="Name">The node.</param>
/// <param name="Version">The version that it runs.</param>
/// <param name="Role">"leader", "follower", "candidate" or "joining".</param>
/// <param name="Term">Its current term.</param>
/// <param name="Leader">The leader's name; null while there is none.</param>
/// <param name="Members">The members as the node knows them.</param>
/// <param name="CommitIndex">Index of the last entry that it knows to be committed.</param>
/// <param name="AppliedIndex">Index of the last entry that it has applied.</param>
/// <param name="LastIndex">Index of the last entry in its log.</param>
/// <param name="Digests">The state's digests at indexes that are multiples of a fixed number.</param>
/// <param name="Ledger">The position and head of its ledger.</param>
/// <param name="FeatureLevel">The replicated feature level.</param>
/// <param name="Live">Locks held and requests waiting.</param>
/// <param name="Namespaces">Namespaces, empty ones included.</param>
/// <param name="Connections">Clients' connections to this node.</param>
/// <param name="Journal">How its journal does.</param>
/// <param name="Replicas">How it compares with the other members.</param>
/// <param name="Alarms">What an operator must know, a sentence each.</param>
public sealed record ClusterResponse(
    string Name,
    string Version,
    [property: JsonRequired] string Role,
    long Term,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Leader,
    IReadOnlyList<ClusterMember>? Members,
    long CommitIndex,
    long AppliedIndex,
    long LastIndex,
    IReadOnlyList<DigestInfo>? Digests,
    LedgerInfo? Ledger,
    int FeatureLevel,
    int Live,
    int Namespaces,
    int Connections,
    JournalInfo? Journal,
    IReadOnlyList<ReplicaInfo>? Replicas,
    IReadOnlyList<string>? Alarms
)
{
    /// <summary>
    /// The definition of the digest that the node's build has; only where recent digests were asked for.
    /// </summary>
    public int? DigestVersion { get; init; }

    /// <summary>The digests at the last indexes one by one; only where they were asked for.</summary>
    public IReadOnlyList<DigestInfo>? RecentDigests { get; init; }
}

/// <summary>A member as a node tells clients of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RaftAddress">The address of its Raft listener.</param>
/// <param name="ClientUrl">The address that clients use.</param>
/// <param name="InternalUrl">The address at which other nodes reach its HTTP API.</param>
public sealed record ClusterMember(string Name, string RaftAddress, string ClientUrl, string InternalUrl);

/// <summary>The state at one index.</summary>
/// <param name="Index">Raft index.</param>
/// <param name="Digest">The state's digest there, hexadecimal.</param>
/// <param name="Ledger">The ledger's head there, hexadecimal.</param>
public sealed record DigestInfo(
    long Index,
    [property: JsonRequired] string Digest,
    [property: JsonRequired] string Ledger
);

/// <summary>The position and the head of the ledger after the last entry applied.</summary>
/// <param name="Index">Raft index.</param>
/// <param name="Position">Records so far.</param>
/// <param name="Ledger">Its head, hexadecimal.</param>
public sealed record LedgerInfo(long Index, long Position, [property: JsonRequired] string Ledger);

/// <summary>The condition of a node's journal.</summary>
/// <param name="State">"on", "stopped", "behind" or "off".</param>
/// <param name="Reason">Why it is stopped; empty otherwise.</param>
/// <param name="Position">Records of the ledger up to the last one that is durable here.</param>
/// <param name="Index">Raft index of that record.</param>
/// <param name="Bytes">Size on disk.</param>
/// <param name="Segments">Segments on disk.</param>
/// <param name="QueuedBytes">What waits to be written.</param>
/// <param name="LeftOut">Records left out since the node's start.</param>
/// <param name="Gaps">Gaps recorded since the node's start.</param>
public sealed record JournalInfo(
    string State,
    string Reason,
    long Position,
    long Index,
    long Bytes,
    int Segments,
    long QueuedBytes,
    long LeftOut,
    long Gaps
);

/// <summary>A node, compared with another.</summary>
/// <param name="Name">The name of the other member.</param>
/// <param name="ComparedIndex">The last index at which the two were compared; 0 while they never were.</param>
/// <param name="DiffersAt">The first index at which they differed; 0 if they never did.</param>
public sealed record ReplicaInfo(string Name, long ComparedIndex, long DiffersAt);

// The JSON of the node's pages, field by field.
using System.Text.Json.Serialization;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Membership;

namespace RaftLocks.Node.Http;

/// <summary>GET /v1/cluster.</summary>
internal sealed record ClusterView(
    string Name,
    string Version,
    string Role,
    long Term,
    string? Leader,
    IReadOnlyList<MemberView> Members,
    long CommitIndex,
    long AppliedIndex,
    long LastIndex,
    IReadOnlyList<DigestView> Digests,
    LedgerView Ledger,
    int FeatureLevel,
    int Live,
    int Namespaces,
    int Connections,
    JournalStatus Journal,
    IReadOnlyList<ReplicaView> Replicas,
    IReadOnlyList<string> Alarms);

/// <summary>A member as this node knows it.</summary>
internal sealed record MemberView(string Name, string RaftAddress, string ClientUrl, string InternalUrl);

/// <summary>The state at one index.</summary>
internal sealed record DigestView(long Index, string Digest, string Ledger);

/// <summary>Where the ledger stands: records so far, and its head after the last entry applied.</summary>
internal sealed record LedgerView(long Index, long Position, string Ledger);

/// <summary>GET /stats_v1.</summary>
internal sealed record NamespaceView(string Namespace, string LastId, int Live, int Acquired, int Enqueued, int Connections);

/// <summary>GET /health/live and /health/ready.</summary>
internal sealed record HealthView(bool Ok, string Reason, IReadOnlyList<string> Alarms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(NamespaceView))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(MembersView))]
[JsonSerializable(typeof(MemberToAdd))]
internal sealed partial class JsonShapes : JsonSerializerContext;

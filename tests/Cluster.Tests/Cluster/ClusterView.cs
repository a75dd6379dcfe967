using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftLocks.Cluster;

// GET /v1/cluster: how one node sees the cluster, and the ring of digests by which replicas are compared.

/// <summary>The answer of GET /v1/cluster.</summary>
public sealed record ClusterView(
    string Name,
    string Role,
    long Term,
    string? Leader,
    IReadOnlyList<MemberView> Members,
    long CommitIndex,
    long AppliedIndex,
    long LastIndex,
    IReadOnlyList<DigestView> Digests,
    LedgerView Ledger,
    long Live,
    long Namespaces
)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };

    /// <summary>Reads the JSON; a missing field is an error.</summary>
    public static ClusterView Parse(string json) => JsonSerializer.Deserialize<ClusterView>(json, Options)!;
}

/// <summary>Where a node's ledger stands.</summary>
public sealed record LedgerView(long Index, long Position, string Ledger);

/// <summary>One member of the cluster.</summary>
public sealed record MemberView(string Name);

/// <summary>The digest of the whole state, and the ledger's head, at one index.</summary>
public sealed record DigestView(long Index, string Digest, string Ledger);

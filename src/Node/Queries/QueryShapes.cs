// The JSON of the questions about who holds and who waits, field by field.
using System.Text.Json.Serialization;
using RaftLocks.Node.History;

namespace RaftLocks.Node.Queries;

/// <summary>A live request.</summary>
internal sealed record RequestRow(
    string Namespace,
    string Id,
    string State,
    string Session,
    string? Label,
    string? Channel,
    string? Ref,
    IReadOnlyList<HistoryResource> Resources,
    long AbandonTimeoutMs,
    string EnqueuedAt,
    string? AcquiredAt,
    int? Place,
    string? Blocker,
    bool Connected,
    IReadOnlyList<string>? BlockedBy = null);

/// <summary>GET /v1/locks.</summary>
internal sealed record LocksView(long Index, IReadOnlyList<RequestRow> Requests, bool More, string? Cursor);

/// <summary>A namespace in figures.</summary>
internal sealed record NamespaceRow(string Namespace, int Held, int Waiting, string LastId);

/// <summary>GET /v1/namespaces.</summary>
internal sealed record NamespacesView(long Index, IReadOnlyList<NamespaceRow> Namespaces, bool More, string? Cursor);

/// <summary>GET /v1/fence.</summary>
internal sealed record FenceView(string Namespace, string Id, string State, bool Held, IReadOnlyList<HistoryResource> Resources, long Index);

/// <summary>POST /v1/explain.</summary>
internal sealed record ExplainView(
    long Index, bool WouldBeGranted, string? State, int? Place, IReadOnlyList<string> BlockedBy, IReadOnlyList<RequestRow> Chain, bool More);

/// <summary>POST /v1/admin/revoke.</summary>
internal sealed record RevokeView(string Id, string Outcome);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LocksView))]
[JsonSerializable(typeof(NamespacesView))]
[JsonSerializable(typeof(FenceView))]
[JsonSerializable(typeof(ExplainView))]
[JsonSerializable(typeof(RevokeView))]
internal sealed partial class QueryShapes : JsonSerializerContext;

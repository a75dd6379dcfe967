// The JSON of a node's API, as far as the dashboard reads it. Fields that are missing are null: another version may answer.
using System.Text.Json.Serialization;

namespace RaftLocks.Dashboard;

/// <summary>GET /v1/cluster.</summary>
internal sealed record ClusterAnswer(
    string Name,
    string Version,
    string Role,
    long Term,
    string? Leader,
    long CommitIndex,
    long AppliedIndex,
    long LastIndex,
    int Live,
    int Namespaces,
    int Connections,
    JournalAnswer? Journal,
    IReadOnlyList<string>? Alarms);

/// <summary>The journal of a node.</summary>
internal sealed record JournalAnswer(string State, string? Reason, long Index, long Bytes, long Gaps);

/// <summary>What is locked, and how.</summary>
public sealed record Resource(string Type, IReadOnlyList<string> Path);

/// <summary>A request of GET /v1/locks, or a link of the chain of POST /v1/explain.</summary>
public sealed record Request(
    string? Namespace,
    string Id,
    string State,
    string? Session,
    string? Label,
    string? Channel,
    IReadOnlyList<Resource>? Resources,
    long? AbandonTimeoutMs,
    [property: JsonConverter(typeof(MomentConverter))] long? EnqueuedAt,
    [property: JsonConverter(typeof(MomentConverter))] long? AcquiredAt,
    int? Place,
    bool? Connected,
    IReadOnlyList<string>? BlockedBy)
{
    /// <summary>Whether it holds its lock.</summary>
    [JsonIgnore]
    public bool IsHeld => State == "acquired";
}

/// <summary>GET /v1/locks.</summary>
internal sealed record LocksAnswer(long Index, IReadOnlyList<Request> Requests, bool More, string? Cursor);

/// <summary>A namespace in figures.</summary>
internal sealed record NamespaceFigures(string Namespace, long Held, long Waiting, string? LastId);

/// <summary>GET /v1/namespaces.</summary>
internal sealed record NamespacesAnswer(long Index, IReadOnlyList<NamespaceFigures> Namespaces, bool More, string? Cursor);

/// <summary>POST /v1/explain: what is asked.</summary>
internal sealed record ExplainQuestion(string Namespace, string? Id, IReadOnlyList<Resource>? Resources);

/// <summary>POST /v1/explain: what is answered.</summary>
internal sealed record ExplainAnswer(long Index, bool WouldBeGranted, string? State, IReadOnlyList<Request> Chain, bool More);

/// <summary>POST /v1/admin/revoke: what is asked.</summary>
internal sealed record RevokeQuestion(string Namespace, string Id, string Reason, long GraceMs, bool Force);

/// <summary>POST /v1/admin/revoke: what is answered.</summary>
internal sealed record RevokeAnswer(string Id, string Outcome);

/// <summary>An event of the history.</summary>
public sealed record HistoryEvent(
    string Cursor,
    long Index,
    long TimeMs,
    string Event,
    string? Namespace,
    string? Id,
    string? Session,
    string? Label,
    string? Reason,
    IReadOnlyList<Resource>? Resources,
    long? WaitedMs,
    long? HeldMs,
    long? AbandonTimeoutMs);

/// <summary>GET /v1/history.</summary>
internal sealed record HistoryAnswer(string Node, long Index, IReadOnlyList<HistoryEvent> Events, string? Cursor, bool More);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClusterAnswer))]
[JsonSerializable(typeof(LocksAnswer))]
[JsonSerializable(typeof(NamespacesAnswer))]
[JsonSerializable(typeof(ExplainQuestion))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(RevokeQuestion))]
[JsonSerializable(typeof(RevokeAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
internal sealed partial class Shapes : JsonSerializerContext;

// The JSON of the history, field by field.
using System.Text.Json.Serialization;

namespace RaftLocks.Node.History;

/// <summary>A resource as the wire has it.</summary>
internal sealed record HistoryResource(string Type, IReadOnlyList<string> Path);

/// <summary>One event.</summary>
internal sealed record HistoryEvent(
    string Cursor,
    long Index,
    long TimeMs,
    string Time,
    string Event,
    string? Namespace,
    string? Id,
    string? Session,
    string? Channel,
    string? Label,
    string? Ref,
    IReadOnlyList<HistoryResource>? Resources,
    long? EnqueuedMs,
    long? AcquiredMs,
    long? WaitedMs,
    long? HeldMs,
    long? AbandonTimeoutMs,
    long? WaitTimeoutMs,
    int? FeatureLevel,
    string? Reason);

/// <summary>A stretch of which this node's journal knows nothing.</summary>
internal sealed record HistoryGap(long AfterIndex, long Index, string Reason);

/// <summary>GET /v1/history.</summary>
internal sealed record HistoryPageView(
    string Node,
    long Index,
    IReadOnlyList<HistoryEvent> Events,
    string? Cursor,
    bool More,
    IReadOnlyList<HistoryGap> Gaps);

/// <summary>In the stream: events that this reader did not get.</summary>
internal sealed record HistoryLoss(long Count, string After, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HistoryPageView))]
[JsonSerializable(typeof(HistoryEvent))]
[JsonSerializable(typeof(HistoryGap))]
[JsonSerializable(typeof(HistoryLoss))]
internal sealed partial class HistoryShapes : JsonSerializerContext;

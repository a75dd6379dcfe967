// GET /v1/history and /v1/history/stream: what happened, from a node's journal.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>A query of the history.</summary>
public sealed record HistoryRequest
{
    /// <summary>Only events of this namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only events of locks that touch this path: a JSON array of segments, or a/b.</summary>
    public string? Path { get; init; }

    /// <summary>The relation of their paths to it: itself, above, beneath, or a list of them.</summary>
    public string? Scope { get; init; }

    /// <summary>Only events of this request.</summary>
    public string? Id { get; init; }

    /// <summary>Only events of this session.</summary>
    public string? Session { get; init; }

    /// <summary>Only events at or after this time.</summary>
    public string? From { get; init; }

    /// <summary>Only events at or before this time.</summary>
    public string? To { get; init; }

    /// <summary>The maximum number of events; not for the stream.</summary>
    public int? Limit { get; init; }

    /// <summary>"oldest" or "newest" first; not for the stream.</summary>
    public string? Order { get; init; }

    /// <summary>Goes on where an answer ended; not for the stream.</summary>
    public string? Cursor { get; init; }
}

/// <summary>One event. What does not belong to its kind is null.</summary>
/// <param name="Cursor">Its place in the journal.</param>
/// <param name="Index">Raft index.</param>
/// <param name="TimeMs">The time by the replicated clock.</param>
/// <param name="Time">The same as text.</param>
/// <param name="Event">What happened, as in "acquired".</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The request.</param>
/// <param name="Session">The session of the request.</param>
/// <param name="Channel">The session's channel; null for the main one.</param>
/// <param name="Label">What its client calls itself.</param>
/// <param name="Ref">The client's own name for it.</param>
/// <param name="Resources">The resources.</param>
/// <param name="EnqueuedMs">Since when it was live.</param>
/// <param name="AcquiredMs">Since when it held.</param>
/// <param name="WaitedMs">How long it waited.</param>
/// <param name="HeldMs">How long it held.</param>
/// <param name="AbandonTimeoutMs">How long the lock outlives its connection.</param>
/// <param name="WaitTimeoutMs">How long it would wait.</param>
/// <param name="FeatureLevel">The level that was raised.</param>
/// <param name="Reason">The reason, for people.</param>
public sealed record HistoryEvent(
    string Cursor,
    long Index,
    long TimeMs,
    string Time,
    [property: JsonRequired] string Event,
    string? Namespace,
    string? Id,
    string? Session,
    string? Channel,
    string? Label,
    string? Ref,
    IReadOnlyList<Resource>? Resources,
    long? EnqueuedMs,
    long? AcquiredMs,
    long? WaitedMs,
    long? HeldMs,
    long? AbandonTimeoutMs,
    long? WaitTimeoutMs,
    int? FeatureLevel,
    string? Reason
)
{
    /// <summary>Who asked for the request; null where nobody was authenticated.</summary>
    public string? Principal { get; init; }

    /// <summary>Who caused the event; null where nobody was authenticated, or the leader did by itself.</summary>
    public string? By { get; init; }

    /// <summary>The token or the policy that the event is about.</summary>
    public string? Subject { get; init; }
}

/// <summary>A stretch of which a node's journal knows nothing.</summary>
/// <param name="AfterIndex">The Raft index before the gap.</param>
/// <param name="Index">The last Raft index of the gap.</param>
/// <param name="Reason">The reason, for people.</param>
public sealed record HistoryGap(long AfterIndex, long Index, string Reason);

/// <summary>In the stream: events that a reader did not get.</summary>
/// <param name="Count">The number of lost events.</param>
/// <param name="After">The event before the loss.</param>
/// <param name="Reason">The reason, for people.</param>
public sealed record HistoryLoss(long Count, string After, string Reason);

/// <summary>The answer of GET /v1/history.</summary>
/// <param name="Node">The node whose journal it is.</param>
/// <param name="Index">Raft index up to which the journal goes.</param>
/// <param name="Events">The events, in the requested order.</param>
/// <param name="Cursor">The cursor to continue with.</param>
/// <param name="More">Whether there may be more.</param>
/// <param name="Gaps">Stretches within what was read of which nothing is known.</param>
public sealed record HistoryResponse(
    string Node,
    long Index,
    [property: JsonRequired] IReadOnlyList<HistoryEvent> Events,
    string? Cursor,
    bool More,
    IReadOnlyList<HistoryGap>? Gaps
);

/// <summary>The names of the stream's messages that are no events.</summary>
public static class HistoryStreamNames
{
    /// <summary>See <see cref="HistoryGap"/>.</summary>
    public const string Gap = "gap";

    /// <summary>See <see cref="HistoryLoss"/>.</summary>
    public const string Lost = "lost";
}

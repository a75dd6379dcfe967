// Who holds and who waits: GET /v1/locks, /v1/namespaces and /v1/fence.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>A resource of a lock request.</summary>
/// <param name="Type">"read" or "write".</param>
/// <param name="Path">The path's segments.</param>
public sealed record Resource(
    [property: JsonRequired] string Type,
    [property: JsonRequired] IReadOnlyList<string> Path
);

/// <summary>A live lock request.</summary>
/// <param name="Namespace">The namespace that it belongs to.</param>
/// <param name="Id">Its number, the fencing token.</param>
/// <param name="State">See <see cref="RequestState"/>.</param>
/// <param name="Session">The session, as events name it.</param>
/// <param name="Label">What its client calls itself.</param>
/// <param name="Channel">The session's channel; null for the main one.</param>
/// <param name="Ref">The client's own name for it.</param>
/// <param name="Resources">The resources.</param>
/// <param name="AbandonTimeoutMs">How long the lock outlives its connection.</param>
/// <param name="EnqueuedAt">Since when it is live, by the leader's clock.</param>
/// <param name="AcquiredAt">Since when it holds; null while it waits.</param>
/// <param name="Place">Its position in the queue; null while it holds.</param>
/// <param name="Blocker">A request that it waits for.</param>
/// <param name="Connected">Whether its client is connected.</param>
/// <param name="SilentMs">For how long its client has answered nothing.</param>
/// <param name="BlockedBy">The requests that it waits for; only in an explanation.</param>
public sealed record RequestInfo(
    string Namespace,
    [property: JsonRequired] string Id,
    [property: JsonRequired] string State,
    string Session,
    string? Label,
    string? Channel,
    string? Ref,
    [property: JsonRequired] IReadOnlyList<Resource> Resources,
    long AbandonTimeoutMs,
    string? EnqueuedAt,
    string? AcquiredAt,
    int? Place,
    string? Blocker,
    bool Connected = true,
    long? SilentMs = null,
    IReadOnlyList<string>? BlockedBy = null
)
{
    /// <summary>Who asked for it; null where nobody was authenticated.</summary>
    public string? Principal { get; init; }

    /// <summary>Whether it holds its lock.</summary>
    [JsonIgnore]
    public bool IsHeld => State == RequestState.Acquired;
}

/// <summary>The states of a lock request.</summary>
public static class RequestState
{
    /// <summary>It holds its lock.</summary>
    public const string Acquired = "acquired";

    /// <summary>The request waits.</summary>
    public const string Enqueued = "enqueued";

    /// <summary>The request was released, abandoned, or ended otherwise; or its id was never given.</summary>
    public const string Gone = "gone";
}

/// <summary>The query of GET /v1/locks.</summary>
/// <param name="Namespace">The namespace.</param>
public sealed record LocksRequest(string Namespace)
{
    /// <summary>Only requests that touch this path: a JSON array of segments, or a/b.</summary>
    public string? Path { get; init; }

    /// <summary>The relation of their paths to it: itself, above, beneath, or a list of them.</summary>
    public string? Scope { get; init; }

    /// <summary>Only requests in this state.</summary>
    public string? State { get; init; }

    /// <summary>The maximum number of requests.</summary>
    public int? Limit { get; init; }

    /// <summary>Goes on where an answer ended.</summary>
    public string? Cursor { get; init; }
}

/// <summary>The answer of GET /v1/locks.</summary>
/// <param name="Index">Raft index; each request is told as it was there or later.</param>
/// <param name="Requests">The requests, in id order.</param>
/// <param name="More">Whether there may be more.</param>
/// <param name="Cursor">The cursor to continue with.</param>
public sealed record LocksResponse(
    long Index,
    [property: JsonRequired] IReadOnlyList<RequestInfo> Requests,
    bool More,
    string? Cursor
);

/// <summary>A namespace in figures.</summary>
/// <param name="Namespace">Its name.</param>
/// <param name="Held">Locks held.</param>
/// <param name="Waiting">Requests waiting.</param>
/// <param name="LastId">The last id that was given.</param>
public sealed record NamespaceInfo([property: JsonRequired] string Namespace, int Held, int Waiting, string? LastId);

/// <summary>The answer of GET /v1/namespaces.</summary>
/// <param name="Index">Raft index.</param>
/// <param name="Namespaces">A page of them.</param>
/// <param name="More">Whether there are more.</param>
/// <param name="Cursor">The cursor to continue with.</param>
public sealed record NamespacesResponse(
    long Index,
    [property: JsonRequired] IReadOnlyList<NamespaceInfo> Namespaces,
    bool More,
    string? Cursor
);

/// <summary>The answer of GET /v1/fence.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The request.</param>
/// <param name="State">See <see cref="RequestState"/>.</param>
/// <param name="Held">Whether it holds its lock.</param>
/// <param name="Resources">What it locks; empty when it is gone.</param>
/// <param name="Index">Raft index.</param>
public sealed record FenceResponse(
    string Namespace,
    string Id,
    [property: JsonRequired] string State,
    bool Held,
    [property: JsonRequired] IReadOnlyList<Resource> Resources,
    long Index
);

// POST /v1/explain: would a lock be acquired now, or why does a request wait?
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The body of POST /v1/explain: about a request, or about resources.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">About this request; null to ask about resources.</param>
/// <param name="Resources">About a lock on these.</param>
public sealed record ExplainRequest(string Namespace, string? Id, IReadOnlyList<Resource>? Resources);

/// <summary>The answer of POST /v1/explain.</summary>
/// <param name="Index">Raft index.</param>
/// <param name="WouldBeGranted">Whether nothing stands in the way.</param>
/// <param name="State">See <see cref="RequestState"/>; null where resources were asked about.</param>
/// <param name="Place">The position in the queue.</param>
/// <param name="BlockedBy">The requests that block it.</param>
/// <param name="Chain">The requests that must end first, blockers of blockers included.</param>
/// <param name="More">Whether the chain goes on.</param>
public sealed record ExplainResponse(
    long Index,
    bool WouldBeGranted,
    string? State,
    int? Place,
    IReadOnlyList<string>? BlockedBy,
    [property: JsonRequired] IReadOnlyList<RequestInfo> Chain,
    bool More
);

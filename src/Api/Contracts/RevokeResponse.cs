// POST /v1/admin/revoke: an operator ends a request.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The body of POST /v1/admin/revoke.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The id of the request.</param>
/// <param name="Reason">Why; it is told to the holder and kept in the history.</param>
/// <param name="GraceMs">How long the holder has to finish.</param>
/// <param name="Force">Whether there is no grace at all.</param>
public sealed record RevokeRequest(string Namespace, string Id, string Reason, long GraceMs, bool Force);

/// <summary>The answer of POST /v1/admin/revoke, when the revocation is over.</summary>
/// <param name="Id">The request.</param>
/// <param name="Outcome">See <see cref="RevokeOutcomes"/>.</param>
public sealed record RevokeResponse(string Id, [property: JsonRequired] string Outcome);

/// <summary>The end of a revocation.</summary>
public static class RevokeOutcomes
{
    /// <summary>Its holder gave up by itself.</summary>
    public const string Released = "released";

    /// <summary>The request was ended by the revocation.</summary>
    public const string Revoked = "revoked";

    /// <summary>There was no such request.</summary>
    public const string Gone = "gone";
}

// /v1/admin/members: who belongs to the cluster.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The body of POST /v1/admin/members.</summary>
/// <param name="Member">NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL].</param>
public sealed record AddMemberRequest([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Member);

/// <summary>The answer of /v1/admin/members.</summary>
/// <param name="Index">Index of the newest configuration.</param>
/// <param name="Leader">The leader's name; null while there is none.</param>
/// <param name="Members">The members.</param>
public sealed record MembersResponse(
    long Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Leader,
    [property: JsonRequired] IReadOnlyList<NodeMember> Members
);

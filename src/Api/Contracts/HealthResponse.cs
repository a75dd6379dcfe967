// GET /health/live, /health/ready and /stats_v1: for whoever starts, restarts, balances or counts.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The answer of GET /health/live and /health/ready.</summary>
/// <param name="Ok">Whether all is well.</param>
/// <param name="Reason">The reason, for people.</param>
/// <param name="Alarms">What an operator must know, a sentence each.</param>
public sealed record HealthResponse([property: JsonRequired] bool Ok, string Reason, IReadOnlyList<string> Alarms);

/// <summary>
/// The answer of GET /stats_v1. The last three are Locktopus' names for what is there already; it calls a lock request
/// a group, and sends numbers.
/// </summary>
/// <param name="Namespace">Its name.</param>
/// <param name="LastId">The last id that was given.</param>
/// <param name="Live">Locks held and requests waiting.</param>
/// <param name="Acquired">Locks held.</param>
/// <param name="Enqueued">Requests waiting.</param>
/// <param name="Connections">Clients' connections.</param>
/// <param name="LastGroupId">The last id.</param>
/// <param name="GroupsPending">Requests waiting.</param>
/// <param name="GroupsAcquired">Locks held.</param>
public sealed record StatsResponse(
    [property: JsonRequired] string Namespace,
    string LastId,
    int Live,
    int Acquired,
    int Enqueued,
    int Connections,
    [property: JsonPropertyName("LastGroupID")] ulong LastGroupId,
    [property: JsonPropertyName("GroupsPending")] int GroupsPending,
    [property: JsonPropertyName("GroupsAcquired")] int GroupsAcquired
);

// How the records of the HTTP API become JSON and the other way round. What is null is left out, but for the few fields
// that say otherwise; in what is read, unknown fields are passed over.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The JSON of the HTTP API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(AddMemberRequest))]
[JsonSerializable(typeof(AuthDoneResponse))]
[JsonSerializable(typeof(AuthInitRequest))]
[JsonSerializable(typeof(ClusterResponse))]
[JsonSerializable(typeof(ExplainRequest))]
[JsonSerializable(typeof(ExplainResponse))]
[JsonSerializable(typeof(FenceResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(HistoryEvent))]
[JsonSerializable(typeof(HistoryGap))]
[JsonSerializable(typeof(HistoryLoss))]
[JsonSerializable(typeof(HistoryResponse))]
[JsonSerializable(typeof(LocksResponse))]
[JsonSerializable(typeof(MembersResponse))]
[JsonSerializable(typeof(NamespacesResponse))]
[JsonSerializable(typeof(NewTokenRequest))]
[JsonSerializable(typeof(NodeResponse))]
[JsonSerializable(typeof(PoliciesResponse))]
[JsonSerializable(typeof(PolicyInfo))]
[JsonSerializable(typeof(PrincipalResponse))]
[JsonSerializable(typeof(RevokeRequest))]
[JsonSerializable(typeof(RevokeResponse))]
[JsonSerializable(typeof(RotateTokenRequest))]
[JsonSerializable(typeof(StatsResponse))]
[JsonSerializable(typeof(TokenSecretResponse))]
[JsonSerializable(typeof(TokensResponse))]
public sealed partial class ApiJson : JsonSerializerContext;

// All that the HTTP API can be asked, one method for each page.
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace RaftLocks.Api;

/// <summary>Questions for an <see cref="ApiClient"/>.</summary>
public static class ApiRequests
{
    private const string NoSuchMember = "There is no member";
    private const string NoSuchToken = "There is no token";
    private const string NoSuchPolicy = "There is no such policy";

    /// <summary>A node's view of its cluster.</summary>
    /// <param name="recent">Whether the digests at the last indexes are wanted too.</param>
    public static ApiRequest<ClusterResponse> Cluster(bool recent = false)
    {
        var path = ApiPaths.Cluster + (recent ? "?" + ApiPaths.RecentParameter : "");
        return ApiRequest<ClusterResponse>.Json(HttpMethod.Get, path, ApiJson.Default.ClusterResponse);
    }

    /// <summary>A node's own description of itself.</summary>
    public static ApiRequest<NodeResponse> Node() =>
        ApiRequest<NodeResponse>.Json(HttpMethod.Get, ApiPaths.Node, ApiJson.Default.NodeResponse);

    /// <summary>Whether a node serves clients; for one node, which answers too when it does not.</summary>
    public static ApiRequest<HealthResponse> Ready() =>
        ApiRequest<HealthResponse>.Json(HttpMethod.Get, ApiPaths.Ready, ApiJson.Default.HealthResponse) with
        {
            AlsoAnswered = HttpStatusCode.ServiceUnavailable,
        };

    /// <summary>The members.</summary>
    public static ApiRequest<MembersResponse> Members() => Members(HttpMethod.Get, ApiPaths.Members);

    /// <summary>Adds a member; answered when it is one.</summary>
    /// <param name="member">NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL].</param>
    public static ApiRequest<MembersResponse> AddMember(string member) =>
        (
            Members(HttpMethod.Post, ApiPaths.Members) with
            {
                IsLong = true,
                Timeout = ApiLimits.MemberChangeTimeout,
            }
        ).With(() => new AddMemberRequest(member), ApiJson.Default.AddMemberRequest);

    /// <summary>Removes a member; answered when it is none any more.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether to remove it even if the members that stay don't answer.</param>
    public static ApiRequest<MembersResponse> RemoveMember(string name, bool force)
    {
        var query = force ? $"?{ApiPaths.ForceParameter}=true" : "";
        return Members(HttpMethod.Delete, $"{ApiPaths.Members}/{Uri.EscapeDataString(name)}{query}") with
        {
            IsLong = true,
            Timeout = ApiLimits.MemberChangeTimeout,
            NoSuch = NoSuchMember,
        };
    }

    /// <summary>The requests that hold or wait.</summary>
    public static ApiRequest<LocksResponse> Locks(LocksRequest wanted)
    {
        var path = Query(
            ApiPaths.Locks,
            ("namespace", wanted.Namespace),
            ("path", wanted.Path),
            ("scope", wanted.Scope),
            ("state", wanted.State),
            ("limit", Text(wanted.Limit)),
            ("cursor", wanted.Cursor)
        );
        return ApiRequest<LocksResponse>.Json(HttpMethod.Get, path, ApiJson.Default.LocksResponse);
    }

    /// <summary>Namespaces, a page of them.</summary>
    public static ApiRequest<NamespacesResponse> Namespaces(int limit, string? cursor)
    {
        var path = Query(ApiPaths.Namespaces, ("limit", Text(limit)), ("cursor", cursor));
        return ApiRequest<NamespacesResponse>.Json(HttpMethod.Get, path, ApiJson.Default.NamespacesResponse);
    }

    /// <summary>Whether a request still holds, and what.</summary>
    public static ApiRequest<FenceResponse> Fence(string space, string id)
    {
        var path = Query(ApiPaths.Fence, ("namespace", space), ("id", id));
        return ApiRequest<FenceResponse>.Json(HttpMethod.Get, path, ApiJson.Default.FenceResponse);
    }

    /// <summary>The requests that must end first.</summary>
    public static ApiRequest<ExplainResponse> Explain(ExplainRequest asked) =>
        ApiRequest<ExplainResponse>
            .Json(HttpMethod.Post, ApiPaths.Explain, ApiJson.Default.ExplainResponse)
            .With(() => asked, ApiJson.Default.ExplainRequest);

    /// <summary>Ends a request; answered when that is over.</summary>
    /// <param name="asked">The order; it is asked for again if another node has to be asked.</param>
    /// <param name="grace">How long the holder has to finish, at most.</param>
    public static ApiRequest<RevokeResponse> Revoke(Func<RevokeRequest> asked, TimeSpan grace) =>
        (
            ApiRequest<RevokeResponse>.Json(HttpMethod.Post, ApiPaths.Revoke, ApiJson.Default.RevokeResponse) with
            {
                IsAdministration = true,
                IsLong = true,
                Timeout = grace + ApiLimits.RevokeTimeout,
            }
        ).With(asked, ApiJson.Default.RevokeRequest);

    /// <summary>Past events.</summary>
    public static ApiRequest<HistoryResponse> History(HistoryRequest wanted)
    {
        (string, string?)[] page = [("limit", Text(wanted.Limit)), ("order", wanted.Order), ("cursor", wanted.Cursor)];
        var path = Query(ApiPaths.History, [.. Filter(wanted), .. page]);
        return ApiRequest<HistoryResponse>.Json(HttpMethod.Get, path, ApiJson.Default.HistoryResponse);
    }

    /// <summary>Events as they happen: server-sent events without an end.</summary>
    /// <param name="wanted">The filter.</param>
    /// <param name="after">The cursor of the event after which to begin; null for now.</param>
    public static ApiRequest HistoryStream(HistoryRequest wanted, string? after) =>
        new(HttpMethod.Get, Query(ApiPaths.HistoryStream, Filter(wanted)))
        {
            LastEventId = after,
            MediaType = "text/event-stream",
            IsLong = true,
            Timeout = ApiLimits.StreamTimeout,
        };

    /// <summary>The state as a file.</summary>
    public static ApiRequest Snapshot() =>
        new(HttpMethod.Get, ApiPaths.Snapshot)
        {
            IsAdministration = true,
            MediaType = "application/octet-stream",
            IsLong = true,
            Timeout = ApiLimits.StreamTimeout,
        };

    /// <summary>Whose token is sent, and what it allows.</summary>
    public static ApiRequest<PrincipalResponse> Principal() =>
        ApiRequest<PrincipalResponse>.Json(HttpMethod.Get, ApiPaths.Principal, ApiJson.Default.PrincipalResponse);

    /// <summary>Turns authentication on.</summary>
    public static ApiRequest<TokenSecretResponse> AuthInit(AuthInitRequest asked) =>
        Administration(HttpMethod.Post, ApiPaths.AuthInit, ApiJson.Default.TokenSecretResponse)
            .With(() => asked, ApiJson.Default.AuthInitRequest);

    /// <summary>The tokens.</summary>
    public static ApiRequest<TokensResponse> Tokens() =>
        Administration(HttpMethod.Get, ApiPaths.AuthTokens, ApiJson.Default.TokensResponse);

    /// <summary>Creates a token.</summary>
    public static ApiRequest<TokenSecretResponse> CreateToken(NewTokenRequest asked) =>
        Administration(HttpMethod.Post, ApiPaths.AuthTokens, ApiJson.Default.TokenSecretResponse)
            .With(() => asked, ApiJson.Default.NewTokenRequest);

    /// <summary>Gives a token a new secret.</summary>
    public static ApiRequest<TokenSecretResponse> RotateToken(string name, RotateTokenRequest asked) =>
        (
            Administration(
                HttpMethod.Post,
                $"{ApiPaths.AuthTokens}/{InPath(name)}/rotate",
                ApiJson.Default.TokenSecretResponse
            ) with
            {
                NoSuch = NoSuchToken,
            }
        ).With(() => asked, ApiJson.Default.RotateTokenRequest);

    /// <summary>Deletes a token.</summary>
    public static ApiRequest<AuthDoneResponse> DeleteToken(string name) =>
        Administration(
            HttpMethod.Delete,
            $"{ApiPaths.AuthTokens}/{InPath(name)}",
            ApiJson.Default.AuthDoneResponse
        ) with
        {
            NoSuch = NoSuchToken,
        };

    /// <summary>The policies.</summary>
    public static ApiRequest<PoliciesResponse> Policies() =>
        Administration(HttpMethod.Get, ApiPaths.AuthPolicies, ApiJson.Default.PoliciesResponse);

    /// <summary>Creates a policy, or replaces the one of its name.</summary>
    public static ApiRequest<AuthDoneResponse> SetPolicy(PolicyInfo asked) =>
        Administration(HttpMethod.Post, ApiPaths.AuthPolicies, ApiJson.Default.AuthDoneResponse)
            .With(() => asked, ApiJson.Default.PolicyInfo);

    /// <summary>Deletes a policy.</summary>
    public static ApiRequest<AuthDoneResponse> DeletePolicy(string name) =>
        Administration(
            HttpMethod.Delete,
            $"{ApiPaths.AuthPolicies}/{InPath(name)}",
            ApiJson.Default.AuthDoneResponse
        ) with
        {
            NoSuch = NoSuchPolicy,
        };

    /// <summary>A node's metrics, in Prometheus' text format.</summary>
    public static ApiRequest<string> Metrics() =>
        new(HttpMethod.Get, ApiPaths.Metrics, text => Encoding.UTF8.GetString(text.Span));

    private static ApiRequest<T> Administration<T>(HttpMethod method, string path, JsonTypeInfo<T> type)
        where T : class => ApiRequest<T>.Json(method, path, type) with { IsAdministration = true };

    private static ApiRequest<MembersResponse> Members(HttpMethod method, string path) =>
        ApiRequest<MembersResponse>.Json(method, path, ApiJson.Default.MembersResponse) with
        {
            IsAdministration = true,
        };

    private static (string Name, string? Value)[] Filter(HistoryRequest wanted) =>
        [
            ("namespace", wanted.Namespace),
            ("path", wanted.Path),
            ("scope", wanted.Scope),
            ("id", wanted.Id),
            ("session", wanted.Session),
            ("from", wanted.From),
            ("to", wanted.To),
        ];

    // A node takes no escapes; these two mean nothing in a path but themselves.
    private static string InPath(string name) =>
        Uri.EscapeDataString(name)
            .Replace("%3A", ":", StringComparison.Ordinal)
            .Replace("%40", "@", StringComparison.Ordinal);

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    // A page with those parameters that have a value.
    private static string Query(string page, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder(page);
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append(query.Length == page.Length ? '?' : '&');
                query.Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return query.ToString();
    }
}

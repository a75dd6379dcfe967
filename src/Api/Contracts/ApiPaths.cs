// Where the pages of the HTTP API are.
namespace RaftLocks.Api;

/// <summary>The paths of the HTTP API.</summary>
public static class ApiPaths
{
    /// <summary>A node's view of its cluster.</summary>
    public const string Cluster = "/v1/cluster";

    /// <summary>The parameter of <see cref="Cluster"/> that asks for the digests at the last indexes.</summary>
    public const string RecentParameter = "recent";

    /// <summary>A node's own description of itself.</summary>
    public const string Node = "/v1/node";

    /// <summary>The members; one of them is a segment more.</summary>
    public const string Members = "/v1/admin/members";

    /// <summary>The parameter of a removal that does not ask whether those who stay answer.</summary>
    public const string ForceParameter = "force";

    /// <summary>The requests that hold or wait.</summary>
    public const string Locks = "/v1/locks";

    /// <summary>All namespaces.</summary>
    public const string Namespaces = "/v1/namespaces";

    /// <summary>Whether a request still holds.</summary>
    public const string Fence = "/v1/fence";

    /// <summary>The requests that must end first.</summary>
    public const string Explain = "/v1/explain";

    /// <summary>Ends a request.</summary>
    public const string Revoke = "/v1/admin/revoke";

    /// <summary>Whose token this is, and what it allows.</summary>
    public const string Principal = "/v1/principal";

    /// <summary>Turns authentication on.</summary>
    public const string AuthInit = "/v1/admin/auth/init";

    /// <summary>The tokens; one of them is a segment more.</summary>
    public const string AuthTokens = "/v1/admin/auth/tokens";

    /// <summary>The policies; one of them is a segment more.</summary>
    public const string AuthPolicies = "/v1/admin/auth/policies";

    /// <summary>Past events.</summary>
    public const string History = "/v1/history";

    /// <summary>Events as they happen.</summary>
    public const string HistoryStream = "/v1/history/stream";

    /// <summary>A whole journal.</summary>
    public const string HistoryExport = "/v1/history/export";

    /// <summary>The state as a file.</summary>
    public const string Snapshot = "/v1/admin/snapshot";

    /// <summary>A namespace in figures, for Locktopus' programs.</summary>
    public const string Stats = "/stats_v1";

    /// <summary>Whether the process works.</summary>
    public const string Live = "/health/live";

    /// <summary>Whether it serves clients.</summary>
    public const string Ready = "/health/ready";

    /// <summary>A node's metrics, in Prometheus' text format.</summary>
    public const string Metrics = "/metrics";
}

/// <summary>Headers of the HTTP API.</summary>
public static class ApiHeaders
{
    /// <summary>The address of the client for whom a node asks another.</summary>
    public const string ForwardedFor = "RaftLocks-Forwarded-For";
}

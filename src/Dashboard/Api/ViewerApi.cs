// What the pages ask in their viewer's name. So the nodes' own checks decide what each viewer sees and does.
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>The questions of one viewer's pages to the nodes.</summary>
internal sealed class ViewerApi(NodeApi api, Viewer viewer)
{
    /// <summary>Live requests in a namespace, at or around a path.</summary>
    public Task<Answer<LocksResponse>> LocksAsync(string ns, string? path, CancellationToken token) =>
        AskLeaderAsync(ApiRequests.Locks(new LocksRequest(ns) { Path = path, Limit = Limits.RequestsShown }), token);

    /// <summary>A live request, if it still is one, and those behind it.</summary>
    public Task<Answer<LocksResponse>> LocksFromAsync(string ns, ulong id, CancellationToken token)
    {
        var before = (Math.Max(id, 1) - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var wanted = new LocksRequest(ns) { Cursor = before, Limit = Limits.RequestsShown };
        return AskLeaderAsync(ApiRequests.Locks(wanted), token);
    }

    /// <summary>Namespaces, a page of them.</summary>
    public Task<Answer<NamespacesResponse>> NamespacesAsync(string? cursor, CancellationToken token) =>
        AskLeaderAsync(ApiRequests.Namespaces(Limits.NamespacesShown, cursor), token);

    /// <summary>The requests that must end first.</summary>
    public Task<Answer<ExplainResponse>> ExplainAsync(ExplainRequest asked, CancellationToken token) =>
        AskLeaderAsync(ApiRequests.Explain(asked), token);

    /// <summary>Ends a request; returns when that is over.</summary>
    /// <param name="asked">The order.</param>
    /// <param name="adminToken">The admin token, where nobody logs in and one is needed.</param>
    /// <param name="token">Cancelled when the answer is not waited for any more.</param>
    public Task<Answer<RevokeResponse>> RevokeAsync(RevokeRequest asked, string? adminToken, CancellationToken token)
    {
        var grace = TimeSpan.FromMilliseconds(asked.Force ? 0 : asked.GraceMs);
        return AskLeaderAsync(ApiRequests.Revoke(() => asked, grace) with { Token = adminToken }, token);
    }

    /// <summary>The events of one request, from this node's journal.</summary>
    public Task<Answer<HistoryResponse>> RequestHistoryAsync(string ns, string id, CancellationToken token)
    {
        var wanted = new HistoryRequest
        {
            Namespace = ns,
            Id = id,
            Order = "oldest",
            Limit = Limits.RequestHistoryEvents,
        };
        return api.AskSelfAsync(viewer.Ask(ApiRequests.History(wanted)), token);
    }

    /// <summary>The events at or around a path, the newest first, from this node's journal.</summary>
    public Task<Answer<HistoryResponse>> HistoryAsync(string ns, string? path, string? cursor, CancellationToken token)
    {
        var wanted = new HistoryRequest
        {
            Namespace = ns,
            Path = path,
            Cursor = cursor,
            Limit = Limits.RequestHistoryEvents,
        };
        return api.AskSelfAsync(viewer.Ask(ApiRequests.History(wanted)), token);
    }

    private Task<Answer<T>> AskLeaderAsync<T>(ApiRequest<T> request, CancellationToken token)
        where T : class => api.AskLeaderAsync(viewer.Ask(request), token);
}

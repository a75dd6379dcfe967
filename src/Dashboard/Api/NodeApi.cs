// Asks the nodes, by the API that everybody has. What only the leader knows is asked of the leader, wherever the page
// is open: so each page works on each node.
using System.Net;
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>An answer, or a sentence that says why there is none.</summary>
internal readonly record struct Answer<T>(T? Value, string? Problem, HttpStatusCode? Status = null)
    where T : class;

/// <summary>The questions of the pages to the nodes.</summary>
internal sealed class NodeApi(DashboardOptions options) : IDisposable
{
    private const string NoLeader = "There is no leader at the moment.";

    // The nodes are reached at their internal addresses; a redirect names one for clients.
    private readonly ApiClient api = new(
        new ApiClientOptions
        {
            Nodes = () => [.. options.Members().Select(member => member.Url)],
            ConnectTimeout = Limits.ConnectBound,
            ResponseTimeout = Limits.AnswerBound,
            MaxResponseBytes = Limits.MaxAnswerBytes,
            MaxRedirects = 0,
            UseProxy = false,
            Tls = options.Tls,
        }
    );

    /// <summary>A node's own view.</summary>
    public Task<Answer<ClusterResponse>> ClusterAsync(NodeAddress node, CancellationToken token) =>
        AskAsync(node.Url, ApiRequests.Cluster(), token);

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
    public Task<Answer<RevokeResponse>> RevokeAsync(RevokeRequest asked, string? adminToken, CancellationToken token)
    {
        var grace = TimeSpan.FromMilliseconds(asked.Force ? 0 : asked.GraceMs);
        return AskLeaderAsync(ApiRequests.Revoke(() => asked, grace) with { AdminToken = adminToken }, token);
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
        return AskAsync(options.Self(), ApiRequests.History(wanted), token);
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
        return AskAsync(options.Self(), ApiRequests.History(wanted), token);
    }

    /// <summary>A node's metrics, as text; null if it does not answer.</summary>
    public async Task<string?> MetricsAsync(Uri node, CancellationToken token) =>
        (await AskAsync(node, ApiRequests.Metrics(), token)).Value;

    /// <inheritdoc/>
    public void Dispose() => api.Dispose();

    private Task<Answer<T>> AskLeaderAsync<T>(ApiRequest<T> request, CancellationToken token)
        where T : class =>
        options.Leader() is { } leader
            ? AskAsync(leader.Url, request, token)
            : Task.FromResult(new Answer<T>(null, NoLeader));

    private async Task<Answer<T>> AskAsync<T>(Uri node, ApiRequest<T> request, CancellationToken token)
        where T : class
    {
        try
        {
            return new Answer<T>((await api.SendAsync(node, request, token)).Value, null, HttpStatusCode.OK);
        }
        catch (ApiRefusedException e)
        {
            var isRedirect = (int)e.Status is >= 300 and < 400;
            return new Answer<T>(null, isRedirect ? "The leader has changed: it is asked again." : e.Message, e.Status);
        }
        catch (ApiException e)
        {
            return new Answer<T>(null, $"The node does not answer: {e.Message}.");
        }
    }
}

// Asks the nodes, by the API that everybody has. What only the leader knows is asked of the leader, wherever the page
// is open: so each page works on each node.
using System.Net;
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>An answer, or a sentence that says why there is none.</summary>
internal readonly record struct Answer<T>(T? Value, string? Problem, HttpStatusCode? Status = null)
    where T : class;

/// <summary>The connections of all pages to the nodes, and the questions that are nobody's in particular.</summary>
internal sealed class NodeApi(DashboardOptions options) : IDisposable
{
    private const string NoLeader = "There is no leader at the moment.";

    // The nodes are reached at their internal addresses; a redirect names one for clients.
    private readonly ApiClient api = new(
        new ApiClientOptions
        {
            Nodes = () => [options.Self(), .. options.Members().Select(member => member.Url)],
            ConnectTimeout = Limits.ConnectBound,
            ResponseTimeout = Limits.AnswerBound,
            MaxResponseBytes = Limits.MaxAnswerBytes,
            MaxRedirects = 0,
            UseProxy = false,
            Tls = options.Tls,
        }
    );

    /// <summary>A node's own view. It tells neither paths nor labels, so it is asked for once for all pages.</summary>
    public Task<Answer<ClusterResponse>> ClusterAsync(NodeAddress node, CancellationToken token) =>
        AskAsync(node.Url, ApiRequests.Cluster(), token);

    /// <summary>A node's metrics, as text; null if it does not answer. They tell neither paths nor labels.</summary>
    public async Task<string?> MetricsAsync(Uri node, CancellationToken token) =>
        (await AskAsync(node, ApiRequests.Metrics(), token)).Value;

    /// <summary>Whose secret this is, by the leader if there is one: it knows the newest tokens.</summary>
    public Task<Answer<PrincipalResponse>> PrincipalAsync(string secret, string? address, CancellationToken token) =>
        AskAsync(
            options.Leader()?.Url ?? options.Self(),
            ApiRequests.Principal() with
            {
                Token = secret,
                ForwardedFor = address,
            },
            token
        );

    /// <summary>Asks the leader.</summary>
    public Task<Answer<T>> AskLeaderAsync<T>(ApiRequest<T> request, CancellationToken token)
        where T : class =>
        options.Leader() is { } leader
            ? AskAsync(leader.Url, request, token)
            : Task.FromResult(new Answer<T>(null, NoLeader));

    /// <summary>Asks this node.</summary>
    public Task<Answer<T>> AskSelfAsync<T>(ApiRequest<T> request, CancellationToken token)
        where T : class => AskAsync(options.Self(), request, token);

    /// <inheritdoc/>
    public void Dispose() => api.Dispose();

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

// Asks the nodes, by the API that everybody has. What only the leader knows is asked of the leader, wherever the page is open: so each page
// works on each node.
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;

namespace RaftLocks.Dashboard;

/// <summary>An answer, or a sentence that says why there is none.</summary>
internal readonly record struct Answer<T>(T? Value, string? Problem, HttpStatusCode? Status = null)
    where T : class;

/// <summary>A client of the nodes' API.</summary>
internal sealed class NodeApi(DashboardOptions options) : IDisposable
{
    private const string NoLeader = "There is no leader at the moment.";

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = Limits.MaxAnswerBytes,
    };

    /// <summary>A node's own view.</summary>
    public Task<Answer<ClusterAnswer>> ClusterAsync(NodeAddress node, CancellationToken token) =>
        AskAsync(node.Url, "/v1/cluster", Shapes.Default.ClusterAnswer, token);

    /// <summary>Live requests in a namespace, at or around a path.</summary>
    public Task<Answer<LocksAnswer>> LocksAsync(string ns, string? path, CancellationToken token) =>
        AskLeaderAsync($"/v1/locks?namespace={Uri.EscapeDataString(ns)}{Part("path", path)}&limit={Limits.RequestsShown}", Shapes.Default.LocksAnswer, token);

    /// <summary>Namespaces, a page of them.</summary>
    public Task<Answer<NamespacesAnswer>> NamespacesAsync(string? cursor, CancellationToken token) =>
        AskLeaderAsync($"/v1/namespaces?limit={Limits.NamespacesShown}{Part("cursor", cursor)}", Shapes.Default.NamespacesAnswer, token);

    /// <summary>Who must leave first.</summary>
    public Task<Answer<ExplainAnswer>> ExplainAsync(ExplainQuestion question, CancellationToken token) =>
        ToLeaderAsync("/v1/explain", question, Shapes.Default.ExplainQuestion, Shapes.Default.ExplainAnswer, null, Limits.AnswerBound, token);

    /// <summary>Ends a request; returns when that is over.</summary>
    public Task<Answer<RevokeAnswer>> RevokeAsync(RevokeQuestion question, string? adminToken, CancellationToken token) => ToLeaderAsync(
        "/v1/admin/revoke",
        question,
        Shapes.Default.RevokeQuestion,
        Shapes.Default.RevokeAnswer,
        adminToken,
        TimeSpan.FromMilliseconds(question.Force ? 0 : question.GraceMs) + Limits.RevokeBound,
        token);

    /// <summary>What happened to one request, from this node's journal.</summary>
    public Task<Answer<HistoryAnswer>> StoryAsync(string ns, string id, CancellationToken token) => AskAsync(
        options.Self(),
        $"/v1/history?namespace={Uri.EscapeDataString(ns)}&id={Uri.EscapeDataString(id)}&order=oldest&limit={Limits.StoryEvents}",
        Shapes.Default.HistoryAnswer,
        token);

    /// <summary>What a node measures, as text; null if it does not answer.</summary>
    public async Task<string?> MetricsAsync(Uri node, CancellationToken token)
    {
        using var bound = Bound(Limits.AnswerBound, token);
        try
        {
            return await http.GetStringAsync(new Uri(node, "/metrics"), bound.Token);
        }
        catch (Exception e) when (IsNoAnswer(e, token))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static string Part(string name, string? value) => string.IsNullOrEmpty(value) ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static bool IsNoAnswer(Exception e, CancellationToken token) =>
        e is HttpRequestException or IOException or System.Text.Json.JsonException || (e is OperationCanceledException && !token.IsCancellationRequested);

    private static CancellationTokenSource Bound(TimeSpan patience, CancellationToken token)
    {
        var bound = CancellationTokenSource.CreateLinkedTokenSource(token);
        bound.CancelAfter(patience);
        return bound;
    }

    private Task<Answer<T>> AskLeaderAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken token)
        where T : class => options.Leader() is { } leader
            ? AskAsync(leader.Url, path, type, token)
            : Task.FromResult(new Answer<T>(null, NoLeader));

    private Task<Answer<T>> AskAsync<T>(Uri node, string path, JsonTypeInfo<T> type, CancellationToken token)
        where T : class => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(node, path)), type, Limits.AnswerBound, token);

    private Task<Answer<TAnswer>> ToLeaderAsync<TQuestion, TAnswer>(
        string path, TQuestion question, JsonTypeInfo<TQuestion> asked, JsonTypeInfo<TAnswer> answered, string? adminToken, TimeSpan patience, CancellationToken token)
        where TAnswer : class
    {
        if (options.Leader() is not { } leader)
        {
            return Task.FromResult(new Answer<TAnswer>(null, NoLeader));
        }

        return SendAsync(
            () =>
            {
                var message = new HttpRequestMessage(HttpMethod.Post, new Uri(leader.Url, path)) { Content = JsonContent.Create(question, asked) };
                message.Headers.Authorization = string.IsNullOrEmpty(adminToken) ? null : new AuthenticationHeaderValue("Bearer", adminToken);
                return message;
            },
            answered,
            patience,
            token);
    }

    private async Task<Answer<T>> SendAsync<T>(Func<HttpRequestMessage> make, JsonTypeInfo<T> type, TimeSpan patience, CancellationToken token)
        where T : class
    {
        using var bound = Bound(patience, token);
        try
        {
            using var message = make();
            using var answer = await http.SendAsync(message, bound.Token);
            return answer.IsSuccessStatusCode
                ? new Answer<T>(await answer.Content.ReadFromJsonAsync(type, bound.Token), null, answer.StatusCode)
                : new Answer<T>(null, await ProblemAsync(answer, bound.Token), answer.StatusCode);
        }
        catch (Exception e) when (IsNoAnswer(e, token))
        {
            return new Answer<T>(null, e is OperationCanceledException ? "The node has not answered in time." : "The node does not answer: " + e.Message);
        }
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage answer, CancellationToken token)
    {
        var said = (await answer.Content.ReadAsStringAsync(token)).Trim();
        return (int)answer.StatusCode is >= 300 and < 400 ? "The leader has changed: it is asked again."
            : said.Length is > 0 and < 1000 ? said
            : $"The node answers {(int)answer.StatusCode}.";
    }
}

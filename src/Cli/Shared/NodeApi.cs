// The nodes' HTTP pages: asks one node after the other until one answers, follows redirects to the leader, and asks again while
// there is none.
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RaftLocks.Client;

namespace RaftLocks.Cli.Shared;

internal sealed class NodeApi(IReadOnlyList<Uri> nodes, string? adminToken) : IDisposable
{
    private const int MaxRedirects = 3;
    private const int Attempts = 10;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    // A revocation with grace is answered when it is over; a member is added when it has caught up.
    private static readonly TimeSpan AnswerBound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(3);

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectBound }) { Timeout = AnswerBound };

    public IReadOnlyList<Uri> Nodes => nodes;

    public Task<JsonElement> GetAsync(string path, CancellationToken token) => JsonAsync(HttpMethod.Get, path, null, token);

    public Task<JsonElement> PostAsync(string path, string json, CancellationToken token) => JsonAsync(HttpMethod.Post, path, json, token);

    public Task<JsonElement> DeleteAsync(string path, CancellationToken token) => JsonAsync(HttpMethod.Delete, path, null, token);

    /// <summary>One node's answer, or null if it has none.</summary>
    public async Task<JsonElement?> AskOneAsync(Uri node, string path, TimeSpan bound, CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(bound);
        try
        {
            using var answer = await client.GetAsync(new Uri(node, path), patience.Token);
            return answer.IsSuccessStatusCode ? await ReadAsync(answer, patience.Token) : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            token.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>An answer that does not end. The caller disposes of it.</summary>
    public Task<HttpResponseMessage> StreamAsync(string path, string? lastEventId, CancellationToken token) =>
        AskAsync(HttpMethod.Get, path, null, lastEventId, token);

    public void Dispose() => client.Dispose();

    private async Task<JsonElement> JsonAsync(HttpMethod method, string path, string? json, CancellationToken token)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var answer = await AskAsync(method, path, json, null, token);
            if (answer.IsSuccessStatusCode)
            {
                return await ReadAsync(answer, token);
            }

            var sentence = (await answer.Content.ReadAsStringAsync(token)).Trim();
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Attempts)
            {
                throw Refusal(answer.StatusCode, sentence);
            }

            await Task.Delay(BetweenAttempts, token);
        }
    }

    /// <summary>What a node's refusal means.</summary>
    public static RaftLocksException Refusal(HttpStatusCode status, string sentence) => new(
        sentence.Length > 0 ? sentence
        : status == HttpStatusCode.NotFound ? "The node does not know this: it is older than this command line."
        : $"The node answers {(int)status}.");

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, string? json, string? lastEventId, CancellationToken token)
    {
        HttpRequestException? last = null;
        foreach (var node in nodes)
        {
            try
            {
                return await FollowAsync(node, method, path, json, lastEventId, token);
            }
            catch (HttpRequestException e)
            {
                last = e;
            }
        }

        throw new ClusterUnreachableException($"No node answers ({string.Join(", ", nodes.Select(node => node.Authority))}): {last!.Message}", last);
    }

    private async Task<HttpResponseMessage> FollowAsync(Uri node, HttpMethod method, string path, string? json, string? lastEventId, CancellationToken token)
    {
        var at = new Uri(node, path);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, at);
            if (json is not null)
            {
                request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            }

            if (adminToken is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", adminToken);
            }

            if (lastEventId is not null)
            {
                request.Headers.Add("Last-Event-ID", lastEventId);
            }

            var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            if (answer.StatusCode != HttpStatusCode.TemporaryRedirect || answer.Headers.Location is not { } location || redirects == MaxRedirects)
            {
                return answer;
            }

            at = new Uri(at, location);
            answer.Dispose();
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken token)
    {
        using var json = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(token), default, token);
        return json.RootElement.Clone();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace RaftLocks.Cluster;

// A node's HTTP pages as the tests see them. A node that is dead, frozen or not yet listening answers
// null here: the callers look again.

/// <summary>Reads a node's probes and GET /v1/cluster.</summary>
public sealed class NodeHttp : IDisposable
{
    private readonly HttpClient _client;

    /// <summary>Pages of the node at <paramref name="url"/>.</summary>
    public NodeHttp(Uri url)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = NodeTrust.Options,
        };
        _client = new HttpClient(handler, disposeHandler: true)
        {
            BaseAddress = url,
            Timeout = TimeSpan.FromSeconds(2),
        };
    }

    /// <summary>GET <paramref name="path"/>, or null when the node does not answer.</summary>
    public async Task<(HttpStatusCode Status, string Body)?> GetAsync(string path)
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception noAnswer)
            when (noAnswer is HttpRequestException or SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Whether GET /health/ready answers 200.</summary>
    public async Task<bool> IsReadyAsync() => await GetAsync("/health/ready") is { Status: HttpStatusCode.OK };

    /// <summary>GET /v1/cluster, or null when the node does not answer it.</summary>
    public async Task<ClusterView?> ClusterAsync() =>
        await GetAsync("/v1/cluster") is { Status: HttpStatusCode.OK } answer ? ClusterView.Parse(answer.Body) : null;

    /// <summary>The number of live requests in the namespace, by GET /v1/cluster.</summary>
    public async Task<JsonElement?> StatsAsync(string ns) =>
        await GetAsync("/stats_v1?namespace=" + Uri.EscapeDataString(ns)) is { Status: HttpStatusCode.OK } answer
            ? JsonDocument.Parse(answer.Body).RootElement
            : null;

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();
}

// Whether the cluster serves: asked of the nodes themselves, so that the answer is of now, whether the application
// holds locks or not.
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Hosting;

/// <summary>Asks all nodes.</summary>
/// <param name="options">The client's settings.</param>
/// <param name="http">What asks; made by <see cref="Http"/> and kept from check to check.</param>
internal sealed class ClusterHealthCheck(IOptions<RaftLocksOptions> options, HttpClient http) : IHealthCheck
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What asks the nodes with these settings.</summary>
    public static HttpClient Http(RaftLocksOptions options) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                SslOptions = ClientTls.Options(options),
            }
        )
        {
            Timeout = CheckTimeout,
        };

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var nodes = options.Value.Nodes.Distinct().ToList();
        var answers = await Task.WhenAll(nodes.Select(node => AskAsync(node, cancellationToken))).ConfigureAwait(false);
        var data = nodes
            .Zip(answers)
            .ToDictionary(
                pair => pair.First.ToString(),
                pair => (object)(pair.Second ?? "ready"),
                StringComparer.Ordinal
            );
        var ready = answers.Count(answer => answer is null);
        return ready == nodes.Count ? HealthCheckResult.Healthy($"all {ready} nodes are ready", data)
            : ready > 0 ? HealthCheckResult.Healthy($"{ready} of {nodes.Count} nodes are ready", data)
            : new HealthCheckResult(context.Registration.FailureStatus, "no node is ready", data: data);
    }

    /// <summary>Null if it is ready, else what is wrong.</summary>
    private async Task<string?> AskAsync(Uri node, CancellationToken token)
    {
        var address = new UriBuilder(node)
        {
            Scheme = node.Scheme is "https" or "wss" ? "https" : "http",
            Path = node.AbsolutePath.TrimEnd('/') + "/health/ready",
        }.Uri;
        try
        {
            using var answer = await http.GetAsync(address, token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? null : $"answers {(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
        {
            token.ThrowIfCancellationRequested();
            return (e.InnerException ?? e).Message;
        }
    }
}

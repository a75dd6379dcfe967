// What an operator does with a node that is lost: removes it and adds it anew, by the commands that docs/operations.md
// names.
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>Replaces nodes.</summary>
internal sealed class Operator(ProcessCluster cluster)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    // It follows redirects itself: the framework sends no token along one, and all nodes here are the operator's own.
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }
    )
    {
        Timeout = Bound,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", ProcessCluster.AdminToken) },
    };

    /// <summary>Removes a node, empties its folder, and adds it anew under its old name and address.</summary>
    /// <exception cref="TimeoutException">The cluster did not let the operator.</exception>
    public async Task ReplaceAsync(ProcessNode node)
    {
        await RemoveAsync(node);
        await AddAsync(node);
    }

    /// <summary>Removes a node.</summary>
    /// <exception cref="TimeoutException">The cluster did not let the operator.</exception>
    public Task RemoveAsync(ProcessNode node) =>
        UntilDoneAsync(
            $"{node.Name} is removed",
            url => Http.DeleteAsync(new Uri(url, "/v1/admin/members/" + node.Name)),
            node,
            answer => Task.FromResult(answer.StatusCode == HttpStatusCode.NotFound)
        );

    /// <summary>
    /// Adds a node that was removed and has ended, with an empty folder, under its old name and address.
    /// </summary>
    /// <exception cref="TimeoutException">The cluster did not let the operator.</exception>
    public async Task AddAsync(ProcessNode node)
    {
        var member = cluster.StartAnew(node);
        await Eventually.HoldsAsync(
            $"{node.Name} waits to be added",
            Bound,
            async () => await node.Http.ClusterAsync() is { Role: "joining" }
        );
        await UntilDoneAsync(
            $"{node.Name} is added",
            url => Http.PostAsJsonAsync(new Uri(url, "/v1/admin/members"), new { member }),
            node,
            async _ => await node.Http.ClusterAsync() is { Role: not "joining" }
        );
        await Eventually.HoldsAsync($"{node.Name} is ready", Bound, node.Http.IsReadyAsync);
    }

    // Asks again, for a busy cluster may say no at first (a new node that did not catch up in time); what an earlier
    // question did after all is done already.
    private Task UntilDoneAsync(
        string what,
        Func<Uri, Task<HttpResponseMessage>> ask,
        ProcessNode about,
        Func<HttpResponseMessage, Task<bool>> isDoneAlready
    ) =>
        Eventually.HoldsAsync(
            what,
            Bound,
            async () =>
            {
                foreach (var other in cluster.Processes.Where(other => other != about))
                {
                    try
                    {
                        using var answer = await AskLeaderAsync(other.Url, ask);
                        if (answer.IsSuccessStatusCode || await isDoneAlready(answer))
                        {
                            return true;
                        }
                    }
                    catch (Exception e)
                        when (e is HttpRequestException or SocketException or OperationCanceledException)
                    {
                        // Another may answer.
                    }
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200));
                return false;
            }
        );

    private static async Task<HttpResponseMessage> AskLeaderAsync(Uri url, Func<Uri, Task<HttpResponseMessage>> ask)
    {
        var answer = await ask(url);
        if (answer is not { StatusCode: HttpStatusCode.TemporaryRedirect, Headers.Location: { } leader })
        {
            return answer;
        }

        answer.Dispose();
        return await ask(new Uri(url, leader));
    }
}

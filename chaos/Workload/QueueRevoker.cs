// An administrator who takes locks away at once, now and then.
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Workload;

/// <summary>Revokes requests.</summary>
internal sealed class QueueRevoker(
    ICluster cluster,
    string token,
    int seed,
    Clock clock,
    QueueBoard board,
    Action<Revocation> record
) : IDisposable
{
    // A redirect would lose the token, so it is not followed: another node is asked.
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    private readonly Random random = new(seed);

    /// <summary>Revokes until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var ns = QueueMix.AllNamespaces[random.Next(QueueMix.AllNamespaces.Count)];
            var id = board.OneOf(ns, random);
            var nodes = cluster.Running().ToArray();
            random.Shuffle(nodes);
            foreach (var node in nodes)
            {
                if (await RevokeAsync(node, ns, id))
                {
                    break;
                }
            }

            await Task.Delay(random.Next(300, 1_200), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <summary>Whether it was the leader who was asked.</summary>
    private async Task<bool> RevokeAsync(INode node, string ns, ulong id)
    {
        var calledAt = clock.Now;
        string? outcome = null;
        try
        {
            using var answer = await http.PostAsJsonAsync(
                new Uri(node.Url, "/v1/admin/revoke"),
                new
                {
                    @namespace = ns,
                    id = id.ToString(CultureInfo.InvariantCulture),
                    reason = "chaos",
                    force = true,
                }
            );
            if (answer.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.BadRequest)
            {
                return false;
            }

            if (answer.StatusCode == HttpStatusCode.OK)
            {
                using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                outcome = json.RootElement.GetProperty("outcome").GetString();
            }
        }
        catch (Exception e)
            when (e is HttpRequestException or SocketException or OperationCanceledException or IOException)
        {
            // It may have been done.
        }

        record(new Revocation(ns, id, calledAt, clock.Now, outcome));
        return true;
    }
}

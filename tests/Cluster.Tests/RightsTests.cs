using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Rights on three nodes: the leader asks, wherever the client comes in, and a change reaches all within a second.

public sealed class RightsTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }
    );

    private string _secret = "";

    [Theory]
    [InlineData("proxy")]
    [InlineData("redirect")]
    public async Task A_token_counts_at_each_node_and_so_does_its_end(string followerMode)
    {
        var cluster = await StartAsync(3, "--follower-mode", followerMode);
        var leader = await cluster.LeaderAsync();
        await Eventually.HoldsAsync(
            "the feature level allows tokens",
            AnswerBound,
            async () =>
                (await AskAsync(leader, null, HttpMethod.Post, "/v1/admin/auth/init", """{"name":"root"}""")).Status
                    is HttpStatusCode.OK
                        or HttpStatusCode.Conflict
                && _secret.Length > 0
        );
        var root = _secret;
        await DoneAsync(
            leader,
            root,
            "/v1/admin/auth/policies",
            """{"name":"t","rules":[{"verbs":["lock-write","history"],"namespace":"n","path":["a"]}]}"""
        );
        await DoneAsync(leader, root, "/v1/admin/auth/tokens", """{"name":"t","policies":["t"]}""");
        var team = _secret;

        foreach (var node in cluster.Nodes)
        {
            var serves = followerMode == "proxy" || node == leader;
            Assert.Equal(
                serves ? HttpStatusCode.Unauthorized : HttpStatusCode.TemporaryRedirect,
                (await AskAsync(node, null, HttpMethod.Get, "/v1/locks?namespace=n")).Status
            );
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await AskAsync(node, null, HttpMethod.Get, "/v1/history")).Status
            );
            if (serves)
            {
                using var client = await ConnectAsync(node, team);
                Assert.Contains("acquired", await LockAsync(client, "a"), StringComparison.Ordinal);
                using var refused = await ConnectAsync(node, team);
                Assert.Contains("3003", await LockAsync(refused, "b"), StringComparison.Ordinal);
                await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(node, "nonsense"));
            }

            await HasStatusAsync(node, team, HttpStatusCode.OK);
        }

        var (deleted, _) = await AskAsync(leader, root, HttpMethod.Delete, "/v1/admin/auth/tokens/t");
        Assert.Equal(HttpStatusCode.OK, deleted);
        foreach (var node in cluster.Nodes)
        {
            await HasStatusAsync(node, team, HttpStatusCode.Unauthorized);
        }
    }

    // Each node answers for its own journal, by the tokens that it has applied.
    private Task HasStatusAsync(NodeProcess node, string secret, HttpStatusCode status) =>
        Eventually.HoldsAsync(
            $"{node.Name} answers {status}",
            AnswerBound,
            async () => (await AskAsync(node, secret, HttpMethod.Get, "/v1/history")).Status == status
        );

    private async Task DoneAsync(NodeProcess node, string secret, string page, string body)
    {
        var (status, said) = await AskAsync(node, secret, HttpMethod.Post, page, body);
        Assert.True(status == HttpStatusCode.OK, said);
    }

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(
        NodeProcess node,
        string? secret,
        HttpMethod method,
        string page,
        string? body = null
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(node.Url, page));
        request.Headers.Authorization = secret is null ? null : new AuthenticationHeaderValue("Bearer", secret);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        if (answer.IsSuccessStatusCode && said.Contains("\"secret\"", StringComparison.Ordinal))
        {
            _secret = JsonDocument.Parse(said).RootElement.GetProperty("secret").GetString()!;
        }

        return (answer.StatusCode, said);
    }

    private static async Task<ClientWebSocket> ConnectAsync(NodeProcess node, string secret)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + secret);
        using var bound = new CancellationTokenSource(AnswerBound);
        await socket.ConnectAsync(Handshake.V1(node.Url, "n", abandonTimeoutMs: 0), bound.Token);
        return socket;
    }

    /// <summary>Returns what is answered, or the code with which the connection is closed.</summary>
    private static async Task<string> LockAsync(ClientWebSocket socket, string path)
    {
        using var bound = new CancellationTokenSource(AnswerBound);
        var message = $$"""{"action":"lock","resources":[{"type":"write","path":["{{path}}"]}]}""";
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, bound.Token);
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, bound.Token);
        var said =
            received.MessageType == WebSocketMessageType.Close
                ? $"{(int)received.CloseStatus!.Value}"
                : Encoding.UTF8.GetString(buffer, 0, received.Count);
        if (said.Contains("enqueued", StringComparison.Ordinal))
        {
            received = await socket.ReceiveAsync(buffer, bound.Token);
            said += Encoding.UTF8.GetString(buffer, 0, received.Count);
        }

        return said;
    }
}

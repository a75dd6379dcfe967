using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Each way to say who one is (token, JWT, certificate), over each role of a node: the leader, a follower that
// redirects, a follower that forwards. The nodes speak TLS on both ports.

[Collection(nameof(NodeTrust))]
public sealed class IdentityTests(ITestOutputHelper output) : ClusterTest(output), IDisposable
{
    private const string Tokens = "/v1/admin/auth/tokens";

    private readonly TestAuthority authority = new();
    private readonly TestIssuer issuer = new();
    private string root = "";

    public void Dispose()
    {
        authority.Dispose();
        issuer.Dispose();
    }

    [Theory]
    [InlineData("proxy")]
    [InlineData("redirect")]
    public async Task Whoever_may_lock_may_do_so_through_each_node_and_nobody_else(string mode)
    {
        var cluster = await StartSecureAsync(mode);
        var leader = await cluster.LeaderAsync();
        var token = await InitialiseAsync(leader);
        using var ann = Client("ann");
        using var bob = Client("bob");
        var jwt = issuer.For("ann");
        Who[] known =
        [
            new("a token in the header", bob, Header: token),
            new("a token in the subprotocol", bob, Subprotocol: token),
            new("a token in the query", bob, Query: token),
            new("a JWT in the header", bob, Header: jwt),
            new("a JWT in the subprotocol", bob, Subprotocol: jwt),
            new("a JWT in the query", bob, Query: jwt),
            new("a certificate", ann),
        ];
        Who[] unknown =
        [
            new("a wrong token", ann, Header: "nonsense"),
            new("an ended JWT", ann, Header: issuer.Jwt(claims => claims["exp"] = 1)),
            new("a JWT without a signature", ann, Query: issuer.Signed("none", _ => { }, _ => [])),
            new("a certificate that has no right", bob),
            new("the word of somebody who is no node", bob, Seen: "9999999999999 cert:ann"),
        ];

        foreach (var node in cluster.Nodes)
        {
            foreach (var who in known)
            {
                using var client = await ConnectAsync(node, who, redirected: mode == "redirect" && node != leader);
                Assert.Equal((who.How, "acquired"), (who.How, await LockAsync(client, "a")));
                await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }

            foreach (var who in unknown)
            {
                var refused = await RefusalAsync(node, who);
                Assert.True(refused is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, who.How + refused);
            }
        }
    }

    [Fact]
    public async Task A_follower_that_can_not_prove_to_be_a_member_redirects_who_has_nothing_but_a_certificate()
    {
        var cluster = await StartSecureAsync("proxy", raftTls: false);
        var leader = await cluster.LeaderAsync();
        var token = await InitialiseAsync(leader);
        using var ann = Client("ann");
        using var bob = Client("bob");

        foreach (var node in cluster.Nodes)
        {
            using var byToken = await ConnectAsync(node, new Who("a token", bob, Header: token), redirected: false);
            var certificate = new Who("a certificate", ann);
            using var client = await ConnectAsync(node, certificate, redirected: node != leader);
            Assert.Equal("acquired", await LockAsync(client, "a"));
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_change_reaches_who_is_connected_through_a_follower_and_the_leader_logs_who_that_was()
    {
        var cluster = await StartSecureAsync("proxy");
        var leader = await cluster.LeaderAsync();
        var follower = await cluster.FollowerAsync();
        await InitialiseAsync(leader);
        using var ann = Client("ann");
        using var client = await ConnectAsync(follower, new Who("a certificate", ann), redirected: false);
        Assert.Equal("acquired", await LockAsync(client, "a"));
        var held = await AskAsync(leader, HttpMethod.Get, "/v1/locks?namespace=n");
        Assert.Contains("\"cert:ann\"", held, StringComparison.Ordinal);
        Assert.Equal("ready", await SayAsync(client, """{"action":"release"}"""));

        await AskAsync(leader, HttpMethod.Delete, Tokens + "/cert:ann");

        Assert.Equal("3003", await LockAsync(client, "b"));
        await Eventually.HoldsAsync(
            "the leader has told of the refusal",
            AnswerBound,
            () =>
                Task.FromResult(
                    leader.Log.Contains("Refused: cert:ann asked for a lock of write b in n", StringComparison.Ordinal)
                )
        );
    }

    private async Task<string> InitialiseAsync(NodeProcess leader)
    {
        await Eventually.HoldsAsync(
            "the feature level allows tokens",
            AnswerBound,
            async () =>
            {
                using var http = Client("operator");
                using var answer = await http.PostAsync(
                    new Uri(leader.Url, "/v1/admin/auth/init"),
                    new StringContent("""{"name":"root"}""", Encoding.UTF8, "application/json")
                );
                root = answer.IsSuccessStatusCode ? SecretIn(await answer.Content.ReadAsStringAsync()) : "";
                return answer.IsSuccessStatusCode;
            }
        );
        const string policy = """{"name":"t","rules":[{"verbs":["lock-write"],"namespace":"n"}]}""";
        await AskAsync(leader, HttpMethod.Post, "/v1/admin/auth/policies", policy);
        await AskAsync(leader, HttpMethod.Post, Tokens, """{"name":"cert:ann","policies":["t"]}""");
        await AskAsync(leader, HttpMethod.Post, Tokens, """{"name":"jwt:ann","policies":["t"]}""");
        return SecretIn(await AskAsync(leader, HttpMethod.Post, Tokens, """{"name":"t","policies":["t"]}"""));
    }

    private async Task<string> AskAsync(NodeProcess node, HttpMethod method, string page, string? body = null)
    {
        using var http = Client("operator");
        using var request = new HttpRequestMessage(method, new Uri(node.Url, page));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", root);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, said);
        return said;
    }

    private static string SecretIn(string body) =>
        JsonDocument.Parse(body).RootElement.GetProperty("secret").GetString()!;

    // As a browser or a library does it that follows a redirect with all that it was told to send.
    private static async Task<ClientWebSocket> ConnectAsync(NodeProcess node, Who who, bool redirected)
    {
        var address = new UriBuilder(Handshake.V1(node.Url, "n", abandonTimeoutMs: 0));
        address.Query += who.Query is null ? "" : "&access_token=" + who.Query;
        var (socket, status, location) = await TryAsync(address.Uri, who);
        if (redirected)
        {
            Assert.Equal((who.How, HttpStatusCode.TemporaryRedirect), (who.How, status));
            var leader = new UriBuilder(new Uri(address.Uri, location)) { Scheme = "wss" };
            (socket, status, _) = await TryAsync(leader.Uri, who);
        }

        Assert.True(socket is not null, $"{who.How}: {node.Name} answered {status}");
        return socket;
    }

    private static async Task<HttpStatusCode> RefusalAsync(NodeProcess node, Who who)
    {
        var address = new UriBuilder(Handshake.V1(node.Url, "n", abandonTimeoutMs: 0));
        address.Query += who.Query is null ? "" : "&access_token=" + who.Query;
        var (socket, status, location) = await TryAsync(address.Uri, who);
        if (status == HttpStatusCode.TemporaryRedirect)
        {
            var leader = new UriBuilder(new Uri(address.Uri, location)) { Scheme = "wss" };
            (socket, status, _) = await TryAsync(leader.Uri, who);
        }

        socket?.Dispose();
        return status;
    }

    private static async Task<(ClientWebSocket? Socket, HttpStatusCode Status, string? Location)> TryAsync(
        Uri address,
        Who who
    )
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (who.Header is not null)
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + who.Header);
        }

        if (who.Seen is not null)
        {
            socket.Options.SetRequestHeader("RaftLocks-Seen-Certificate", who.Seen);
        }

        if (who.Subprotocol is not null)
        {
            socket.Options.AddSubProtocol("raftlocks.v1");
            socket.Options.AddSubProtocol("raftlocks.token." + who.Subprotocol);
        }

        using var bound = new CancellationTokenSource(AnswerBound);
        try
        {
            await socket.ConnectAsync(address, who.Http, bound.Token);
            return (socket, HttpStatusCode.SwitchingProtocols, null);
        }
        catch (WebSocketException) when (socket.HttpStatusCode is >= HttpStatusCode.OK)
        {
            var headers = socket.HttpResponseHeaders;
            var location = headers?.FirstOrDefault(header => header.Key == "Location").Value?.FirstOrDefault();
            var status = socket.HttpStatusCode;
            socket.Dispose();
            return (null, status, location);
        }
    }

    /// <summary>Returns the state that is answered, or the code with which the connection is closed.</summary>
    private static Task<string> LockAsync(ClientWebSocket socket, string path) =>
        SayAsync(socket, $$"""{"action":"lock","resources":[{"type":"write","path":["{{path}}"]}]}""");

    private static async Task<string> SayAsync(ClientWebSocket socket, string message)
    {
        using var bound = new CancellationTokenSource(AnswerBound);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, bound.Token);
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, bound.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return $"{(int)received.CloseStatus!.Value}";
            }

            var state = JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement.GetProperty("state");
            if (state.GetString() != "enqueued")
            {
                return state.GetString()!;
            }
        }
    }

    private HttpClient Client(string name) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = NodeTrust.Options.RemoteCertificateValidationCallback,
                    ClientCertificates = [Own(name)],
                },
            }
        );

    private X509Certificate2 Own(string name)
    {
        var (cert, key) = authority.Issue(name, [], forServers: false);
        using var pair = X509Certificate2.CreateFromPemFile(cert, key);
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
    }

    private async Task<LocalCluster> StartSecureAsync(string mode, bool raftTls = true)
    {
        NodeTrust.Add(authority.Authorities[0]);
        NodeTrust.Own = Own("test");
        var cluster = Own(
            new LocalCluster(
                _ => [.. LocalCluster.Plain(3, "https").Select(plan => Secure(plan, raftTls))],
                "--follower-mode",
                mode,
                "--allow-query-token",
                "--tls-ca",
                authority.CaFile,
                "--tls-client-ca",
                authority.CaFile,
                "--jwt-issuer",
                issuer.Url,
                "--jwt-audience",
                TestIssuer.Audience,
                "--jwt-keys",
                issuer.KeysFile
            )
        );
        await cluster.StartAsync();
        return cluster;
    }

    private NodePlan Secure(NodePlan plan, bool raftTls)
    {
        var (cert, key) = authority.Issue(plan.Name, [plan.Name, "127.0.0.1"]);
        string[] raft = ["--raft-tls-cert", cert, "--raft-tls-key", key, "--raft-tls-ca", authority.CaFile];
        return plan with { Settings = ["--tls-cert", cert, "--tls-key", key, .. raftTls ? raft : []] };
    }

    /// <summary>How somebody says who they are.</summary>
    private sealed record Who(
        string How,
        HttpClient Http,
        string? Header = null,
        string? Subprotocol = null,
        string? Query = null,
        string? Seen = null
    );
}

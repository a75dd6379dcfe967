using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace RaftLocks.Browser.Tests;

// A browser and a cluster of three processes whose authentication is initialised.

/// <summary>Starts both, once.</summary>
public sealed class SecuredCluster : IAsyncLifetime
{
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);

    private static readonly HttpClient Http = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }
    );

    private readonly BrowserCluster _shared = new();

    /// <summary>The secret of a token that may do everything.</summary>
    public string Root { get; private set; } = "";

    /// <summary>The cluster.</summary>
    public LocalCluster Cluster => _shared.Cluster;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await _shared.InitializeAsync();
        if (BrowserFactAttribute.Path is null)
        {
            return;
        }

        // Old members may not know tokens, so the leader waits until it has heard of all.
        await Eventually.HoldsAsync(
            "authentication is initialised",
            AnswerBound,
            async () =>
            {
                var leader = await Cluster.LeaderAsync();
                var (status, body) = await AskAsync(leader, HttpMethod.Post, "init", """{"name":"root"}""");
                Root = status == HttpStatusCode.OK ? SecretIn(body) : Root;
                return Root.Length > 0;
            }
        );
    }

    /// <inheritdoc />
    public Task DisposeAsync() => _shared.DisposeAsync();

    /// <summary>A browser of its own, with its own cookies.</summary>
    public Task<IBrowserContext> BrowseAsync() => _shared.BrowseAsync();

    /// <summary>Makes a token with a policy of the same name, or gives that policy other rules; the token's
    /// secret.</summary>
    public async Task<string> TokenAsync(string name, params string[] rules)
    {
        await SetPolicyAsync(name, rules);
        return SecretIn(
            await ChangeAsync(HttpMethod.Post, "tokens", $$"""{"name":"{{name}}","policies":["{{name}}"]}""")
        );
    }

    /// <summary>Says what a policy allows.</summary>
    public Task SetPolicyAsync(string name, params string[] rules) =>
        ChangeAsync(HttpMethod.Post, "policies", $$"""{"name":"{{name}}","rules":[{{string.Join(',', rules)}}]}""");

    /// <summary>Deletes a token.</summary>
    public Task DeleteTokenAsync(string name) => ChangeAsync(HttpMethod.Delete, "tokens/" + name);

    /// <summary>A rule for a whole namespace.</summary>
    public static string Rule(string verbs, string ns) =>
        JsonSerializer.Serialize(new { verbs = verbs.Split(','), @namespace = ns });

    /// <summary>Locks a path as whoever may do everything; the lock ends with the socket.</summary>
    public async Task<ClientWebSocket> LockAsync(string ns, string path, string label)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + Root);
        using var bound = new CancellationTokenSource(AnswerBound);
        var address = Handshake.V1((await Cluster.LeaderAsync()).Url, ns, abandonTimeoutMs: 0);
        await socket.ConnectAsync(new Uri(address + "&label=" + label), bound.Token);
        var message = $$"""{"action":"lock","resources":[{"type":"write","path":["{{path}}"]}]}""";
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, bound.Token);
        var said = new byte[1024];
        var received = await socket.ReceiveAsync(said, bound.Token);
        Assert.Contains("acquired", Encoding.UTF8.GetString(said, 0, received.Count), StringComparison.Ordinal);
        return socket;
    }

    private async Task<string> ChangeAsync(HttpMethod method, string page, string? body = null)
    {
        var (status, said) = await AskAsync(await Cluster.LeaderAsync(), method, page, body);
        Assert.True(status == HttpStatusCode.OK, said);
        return said;
    }

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(
        NodeProcess node,
        HttpMethod method,
        string page,
        string? body
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(node.Url, "/v1/admin/auth/" + page));
        request.Headers.Authorization = Root.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", Root);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static string SecretIn(string body) =>
        JsonDocument.Parse(body).RootElement.GetProperty("secret").GetString()!;
}

/// <summary>The tests that share them; one after the other, and not beside those of the other cluster.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SecuredTests : ICollectionFixture<SecuredCluster>
{
    /// <summary>Its name.</summary>
    public const string Name = "secured";
}

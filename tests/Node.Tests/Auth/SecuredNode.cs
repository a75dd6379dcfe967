// A node whose authentication is initialised, and what a test asks it as one principal or another.
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Auth;

internal sealed class SecuredNode : IAsyncDisposable
{
    private SecuredNode(SingleNode node, string root)
    {
        Node = node;
        Root = root;
    }

    public SingleNode Node { get; }

    /// <summary>The secret of a token that may do everything.</summary>
    public string Root { get; }

    public static async Task<SecuredNode> StartAsync(
        bool keepAnonymous = false,
        Func<NodeSettings, NodeSettings>? change = null,
        TestAuthority? authority = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        X509Certificate2? own = null
    )
    {
        var node = await SingleNode.StartAsync(
            settings =>
            {
                var kept = settings with
                {
                    Journal = new JournalOptions
                    {
                        Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name),
                        Node = settings.Name,
                        KeepFreeBytes = 0,
                    },
                };
                return change?.Invoke(kept) ?? kept;
            },
            authority,
            time: time,
            loggers: loggers,
            own: own
        );
        var keep = keepAnonymous ? "true" : "false";
        var (status, body) = await AskAsync(
            node,
            null,
            HttpMethod.Post,
            "/v1/admin/auth/init",
            $$"""{"name":"root","keepAnonymous":{{keep}}}"""
        );
        Assert.True(status == HttpStatusCode.OK, body);
        return new SecuredNode(node, SecretIn(body));
    }

    public static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        SingleNode node,
        string? secret,
        HttpMethod method,
        string page,
        string? body = null
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(node.Url, page));
        if (secret is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await node.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<(HttpStatusCode Status, string Body)> AskAsync(
        string? secret,
        HttpMethod method,
        string page,
        string? body = null
    ) => AskAsync(Node, secret, method, page, body);

    public async Task<JsonElement> GetAsync(string secret, string page)
    {
        var (status, body) = await AskAsync(secret, HttpMethod.Get, page);
        Assert.True(status == HttpStatusCode.OK, $"{page}: {status} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public async Task SetPolicyAsync(string name, params string[] rules)
    {
        var (status, body) = await AskAsync(
            Root,
            HttpMethod.Post,
            "/v1/admin/auth/policies",
            $$"""{"name":"{{name}}","rules":[{{string.Join(',', rules)}}]}"""
        );
        Assert.True(status == HttpStatusCode.OK, body);
    }

    /// <summary>A new token with one policy of the same name; its secret.</summary>
    public async Task<string> TokenAsync(string name, params string[] rules)
    {
        await SetPolicyAsync(name, rules);
        var (status, body) = await AskAsync(
            Root,
            HttpMethod.Post,
            "/v1/admin/auth/tokens",
            $$"""{"name":"{{name}}","policies":["{{name}}"]}"""
        );
        Assert.True(status == HttpStatusCode.OK, body);
        return SecretIn(body);
    }

    /// <summary>Gives policies to a name that somebody else proves.</summary>
    public async Task BindAsync(string name, params string[] policies)
    {
        var (status, body) = await AskAsync(
            Root,
            HttpMethod.Post,
            "/v1/admin/auth/tokens",
            JsonSerializer.Serialize(new { name, policies })
        );
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.DoesNotContain("rl_", body, StringComparison.Ordinal);
    }

    public static string Rule(string verbs, string space, bool isPrefix = false, params string[] path) =>
        JsonSerializer.Serialize(
            new
            {
                verbs = verbs.Split(','),
                @namespace = space,
                prefix = isPrefix,
                path,
            }
        );

    public async Task<WireClient> ConnectAsync(string secret, string ns, string extensions = "") =>
        await WireClient.ConnectAsync(
            Node.Url,
            ns,
            60_000,
            extensions: extensions,
            options: options => options.SetRequestHeader("Authorization", "Bearer " + secret)
        );

    /// <summary>The same as a browser does it, which can send no header.</summary>
    public Task<WireClient> ConnectAsBrowserAsync(string secret, string ns) =>
        WireClient.ConnectAsync(
            Node.Url,
            ns,
            60_000,
            options: options =>
            {
                options.AddSubProtocol("raftlocks.v1");
                options.AddSubProtocol("raftlocks.token." + secret);
            }
        );

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    public static string SecretIn(string body) =>
        JsonDocument.Parse(body).RootElement.GetProperty("secret").GetString()!;
}

// A whole single node in this process, on a real port, with its data in a temporary folder.
using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Wire;

internal sealed class SingleNode : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(20);

    private readonly NodeSettings settings;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly string folder;
    private readonly List<WireClient> clients = [];

    private RunningNode node;

    private SingleNode(NodeSettings settings, string folder, HttpClient http, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.time = time;
        this.loggers = loggers;
        this.folder = folder;
        Http = http;
        node = Make();
    }

    public string Folder => folder;

    public RunningNode Running => node;

    public Uri Url => new(node.ListensOn[0]);

    /// <summary>The web server, whose routes a test walks.</summary>
    public WebApplication Web =>
        (WebApplication)
            typeof(RunningNode).GetField("web", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(node)!;

    public HttpClient Http { get; }

    /// <summary>A client of a test's own that trusts an authority, and shows a certificate if given one.</summary>
    public static HttpClient HttpBy(TestAuthority? authority, X509Certificate2? own = null)
    {
        var tls = new SslClientAuthenticationOptions { ClientCertificates = own is null ? null : [own] };
        if (authority is not null)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authority.Authorities);
        }

        return new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                SslOptions = tls,
            }
        );
    }

    /// <summary>
    /// Starts one; with an authority by https, with a certificate of that authority for 127.0.0.1. One that waits for
    /// other members listens, and does not serve. The test's own client may show a certificate.
    /// </summary>
    public static async Task<SingleNode> StartAsync(
        Func<NodeSettings, NodeSettings>? change = null,
        TestAuthority? authority = null,
        bool serves = true,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        X509Certificate2? own = null
    )
    {
        var root = Directory.CreateTempSubdirectory("raftlocks-").FullName;
        var url = new Uri("http://127.0.0.1:9009");
        var usual = new NodeSettings
        {
            Name = "n1",
            ListenUrls = ["http://127.0.0.1:0"],
            DataDirectory = root,
            Members = [new Member("n1", "127.0.0.1", 0, url, url)],
        };
        if (authority is not null)
        {
            var (cert, key) = authority.Issue("node");
            usual = usual with
            {
                ListenUrls = ["https://127.0.0.1:0"],
                Certificates = new CertificatePaths
                {
                    Certificate = cert,
                    Key = key,
                    Authorities = authority.CaFile,
                },
            };
        }

        var single = new SingleNode(
            change?.Invoke(usual) ?? usual,
            root,
            HttpBy(authority, own),
            time ?? TimeProvider.System,
            loggers ?? NullLoggerFactory.Instance
        );
        var starting = single.node.StartAsync();
        if (!serves)
        {
            await Eventually.HoldsAsync(() =>
                Task.FromResult(single.node.ListensOn is [var at] && !at.EndsWith(":0", StringComparison.Ordinal))
            );
            return single;
        }

        await starting;
        await single.node.Serves.WaitAsync(StartBound);
        return single;
    }

    /// <summary>Ends, and starts again on the same data, at an address of its own.</summary>
    public async Task RestartAsync()
    {
        await node.DisposeAsync();
        node = Make();
        await node.StartAsync();
        await node.Serves.WaitAsync(StartBound);
    }

    public Task StopAsync() => node.StopAsync();

    /// <summary>What SIGHUP does.</summary>
    public void Reload() => node.Reload();

    public async Task<WireClient> ConnectAsync(
        string ns,
        long? abandonTimeoutMs = null,
        bool answersPings = true,
        string extensions = ""
    )
    {
        var client = await WireClient.ConnectAsync(Url, ns, abandonTimeoutMs, answersPings, extensions, http: Http);
        clients.Add(client);
        return client;
    }

    /// <summary>Connects with more in the query than v1 knows: "&amp;session=…".</summary>
    public async Task<WireClient> ConnectExtendedAsync(string ns, string extensions, long? abandonTimeoutMs = null)
    {
        var client = await WireClient.ConnectAsync(Url, ns, abandonTimeoutMs, extensions: extensions);
        clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            client.Dispose();
        }

        await node.DisposeAsync();
        Http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private RunningNode Make() => new(settings, new ConfigurationBuilder().Build(), loggers, time);
}

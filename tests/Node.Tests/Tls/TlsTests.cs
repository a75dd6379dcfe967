// The client port by https: locks, pages, the dashboard; certificates that are replaced while the node runs; clients
// that must show one.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Api;
using RaftLocks.Dashboard;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Metrics;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Tls;

public sealed class TlsTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task Locks_and_pages_work_by_https()
    {
        await using var node = await SingleNode.StartAsync(authority: authority);
        var holder = await node.ConnectAsync("n", 0);
        var waiter = await node.ConnectAsync("n", 0);

        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync(new Uri(node.Url, "/health/ready"))).StatusCode);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_as_soon_as_its_files_are_there_and_connections_stay()
    {
        await using var node = await SingleNode.StartAsync(authority: authority);
        var client = await node.ConnectAsync("n");
        var before = await ShownAsync(node.Url);

        authority.Issue("node");

        await Eventually.HoldsAsync(async () => await ShownAsync(node.Url) != before);
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_at_once_when_the_operator_says_so()
    {
        await using var node = await SingleNode.StartAsync(authority: authority);
        var before = await ShownAsync(node.Url);

        authority.Issue("node");
        node.Reload();

        Assert.NotEqual(before, await ShownAsync(node.Url));
    }

    [Fact]
    public async Task Files_that_cannot_be_used_change_nothing_and_are_an_alarm_until_they_are_repaired()
    {
        await using var node = await SingleNode.StartAsync(authority: authority);
        var before = await ShownAsync(node.Url);
        var (cert, _) = authority.Issue("node");
        await File.WriteAllTextAsync(cert, "no certificate");

        node.Reload();

        Assert.Equal(before, await ShownAsync(node.Url));
        Assert.Contains("has no certificate", await HealthAsync(node), StringComparison.Ordinal);
        authority.Issue("node");
        node.Reload();
        Assert.NotEqual(before, await ShownAsync(node.Url));
        Assert.Contains("\"alarms\":[]", await HealthAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_soon_expires_is_a_figure_and_an_alarm()
    {
        await using var node = await SingleNode.StartAsync(authority: authority);
        var fresh = await ExpiresInAsync(node);
        authority.Issue("node", validDays: 3);
        node.Reload();

        Assert.InRange(fresh, TimeSpan.FromDays(99).TotalSeconds, TimeSpan.FromDays(100).TotalSeconds);
        Assert.InRange(await ExpiresInAsync(node), 0, TimeSpan.FromDays(3).TotalSeconds);
        Assert.Contains("expires in 3 days", await HealthAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_between_the_certificate_and_its_authority_is_shown_too()
    {
        using var between = new TestAuthority("Between", authority);
        await using var node = await SingleNode.StartAsync(
            settings =>
            {
                var (cert, key) = between.Issue("node");
                File.AppendAllText(cert, File.ReadAllText(between.CaFile));
                return settings with
                {
                    Certificates = new CertificatePaths { Certificate = cert, Key = key },
                };
            },
            authority
        );

        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync(node.Url)).StatusCode);
    }

    [Fact]
    public async Task With_authorities_of_clients_nobody_comes_in_without_a_certificate_of_theirs()
    {
        using var strangers = new TestAuthority();
        await using var node = await SingleNode.StartAsync(
            settings =>
                settings with
                {
                    Certificates = settings.Certificates with { ClientAuthorities = authority.CaFile },
                },
            authority
        );

        await Assert.ThrowsAsync<HttpRequestException>(() => node.Http.GetAsync(node.Url));
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            GetAsync(node.Url, strangers.Issue("eve", forServers: false))
        );
        Assert.Equal(HttpStatusCode.OK, await GetAsync(node.Url, authority.Issue("ann", forServers: false)));
    }

    [Fact]
    public async Task A_node_asks_itself_whatever_names_its_certificate_has_and_even_if_it_must_show_one()
    {
        await using var node = await SingleNode.StartAsync(
            settings =>
            {
                var (cert, key) = authority.Issue("elsewhere", ["node.example"]);
                return settings with
                {
                    Certificates = new CertificatePaths
                    {
                        Certificate = cert,
                        Key = key,
                        ClientAuthorities = authority.CaFile,
                    },
                };
            },
            authority
        );
        var certificates = new WatchedCertificates(
            "client",
            new CertificatePaths { Certificate = PathOf("elsewhere.pem"), Key = PathOf("elsewhere.key") },
            NullLogger.Instance,
            TimeProvider.System
        );
        var self = new NodeAddress("n1", node.Url);
        using var pages = new NodeApi(
            new DashboardOptions
            {
                NodeName = "n1",
                Version = "1",
                AsksForLogin = () => false,
                LoginRefused = (_, _) => { },
                LoginChanged = (_, _, _) => { },
                Self = () => node.Url,
                Leader = () => self,
                Members = () => [self],
                Tls = new NodeTls(certificates, NullLogger.Instance, TimeProvider.System).Client,
            }
        );

        var answer = await pages.ClusterAsync(self, CancellationToken.None);

        Assert.Equal("n1", answer.Value?.Name);
    }

    [Theory]
    [InlineData("localhost", 100, 1, true, "its certificate is for localhost, not for 127.0.0.1")]
    [InlineData("127.0.0.1", -1, 10, true, "its certificate has expired on ")]
    [InlineData("127.0.0.1", 100, -5, true, "is valid from ")]
    [InlineData("127.0.0.1", 100, 1, false, "is not for this use")]
    public async Task What_is_wrong_with_a_certificate_is_said(
        string host,
        int validDays,
        int sinceDays,
        bool forServers,
        string told
    )
    {
        var (cert, key) = authority.Issue("odd", [host], validDays, sinceDays, forServers);
        await using var node = await SingleNode.StartAsync(
            settings =>
                settings with
                {
                    Certificates = new CertificatePaths { Certificate = cert, Key = key },
                },
            authority
        );

        Assert.Contains(told, await ProblemAsync(node.Url, authority.CaFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_is_not_trusted_is_named_and_logged_once()
    {
        using var others = new TestAuthority("Other CA");
        await using var node = await SingleNode.StartAsync(authority: authority);

        Assert.Contains(
            "comes from 'CN=Test CA', which is none of the trusted authorities",
            await ProblemAsync(node.Url, others.CaFile),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "which is none of the trusted authorities",
            await ProblemAsync(node.Url, null),
            StringComparison.Ordinal
        );
    }

    private static async Task<string> ProblemAsync(Uri node, string? trusted)
    {
        var certificates = new WatchedCertificates(
            "client",
            new CertificatePaths { Authorities = trusted },
            NullLogger.Instance,
            TimeProvider.System
        );
        var tls = new NodeTls(certificates, NullLogger.Instance, TimeProvider.System).Client;
        using var api = new ApiClient(new ApiClientOptions { Nodes = () => [node], Tls = tls });
        return (
            await Assert.ThrowsAsync<ApiUnreachableException>(() =>
                api.SendAsync(node, ApiRequests.Node(), CancellationToken.None)
            )
        ).Message;
    }

    private static async Task<string> ShownAsync(Uri node)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, node.Port);
        await using var stream = new SslStream(client.GetStream());
        var shown = "";
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    (shown = certificate!.GetSerialNumberString()).Length > 0,
            }
        );
        return shown;
    }

    private static Task<string> HealthAsync(SingleNode node) =>
        node.Http.GetStringAsync(new Uri(node.Url, "/health/ready"));

    private static async Task<double> ExpiresInAsync(SingleNode node) =>
        new Scrape(await node.Http.GetStringAsync(new Uri(node.Url, "/metrics")))[
            """raftlocks_certificate_expires_seconds{port="client"}"""
        ];

    private async Task<HttpStatusCode> GetAsync(Uri node, (string Cert, string Key) files)
    {
        using var pair = X509Certificate2.CreateFromPemFile(files.Cert, files.Key);
        using var own = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
        using var http = SingleNode.HttpBy(authority, own);
        return (await http.GetAsync(node)).StatusCode;
    }

    private string PathOf(string file) => Path.Combine(Path.GetDirectoryName(authority.CaFile)!, file);
}

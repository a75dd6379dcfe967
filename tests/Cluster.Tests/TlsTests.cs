using System.Net;
using System.Security.Cryptography.X509Certificates;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Three processes whose client ports speak https only, and want certificates: clients, followers that forward or
// redirect, the command line, the health check, new certificates.

[Collection(nameof(NodeTrust))]
public sealed class TlsTests(ITestOutputHelper output) : ClusterTest(output), IDisposable
{
    private const int WrongSettings = 2;

    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData("redirect")]
    [InlineData("proxy")]
    public async Task A_cluster_by_https_locks_through_every_node_and_is_operated(string mode)
    {
        var cluster = await StartSecureAsync(mode);
        var follower = await cluster.FollowerAsync();
        var client = await ClientAsync(follower, "secure");

        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        var shown = await OperateAsync(["ls", "--namespace", "secure", "--node", Origin(follower), .. Certificates()]);
        Assert.Equal((0, true), (shown.Code, shown.Log.Contains("write a", StringComparison.Ordinal)));
        var ran = await OperateAsync([
            "run",
            "--write",
            "b",
            "--node",
            Origin(follower),
            .. Certificates(),
            "--",
            "echo",
            "held",
        ]);
        Assert.Equal((0, true), (ran.Code, ran.Log.Contains("held", StringComparison.Ordinal)));

        // The dashboard's playground is forwarded, whatever other clients are told.
        var playground = new UriBuilder(follower.Url)
        {
            Scheme = "wss",
            Path = "/dashboard/v1",
            Query = "namespace=p",
        };
        using var socket = await Handshake.OnceAsync(playground.Uri, CancellationToken.None);
        Assert.Equal(System.Net.WebSockets.WebSocketState.Open, socket.State);
    }

    [Fact]
    public async Task The_command_line_says_what_is_wrong_with_a_certificate()
    {
        var cluster = await StartSecureAsync("redirect");
        using var others = new TestAuthority("Other CA");

        var (code, log) = await OperateAsync("ls", "--node", Origin(cluster.Nodes[0]), "--tls-ca", others.CaFile);

        Assert.NotEqual(0, code);
        Assert.Contains(
            "comes from 'CN=Test CA', which is none of the trusted authorities",
            log,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_hang_up_reads_new_certificates_and_ends_nobody()
    {
        var cluster = await StartSecureAsync("redirect");
        var node = await cluster.LeaderAsync();
        var client = await ClientAsync(node, "hup");
        authority.Issue("node");

        node.HangUp();

        await Eventually.HoldsAsync(
            "the certificates are read",
            AnswerBound,
            () =>
                Task.FromResult(node.Log.Contains("certificates of the client port are read", StringComparison.Ordinal))
        );
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.True(await node.Http.IsReadyAsync());
    }

    [Fact]
    public async Task A_hang_up_ends_no_node_without_certificates_either()
    {
        var single = await StartAsync(1);

        single.Nodes[0].HangUp();

        var client = await ClientAsync(single.Nodes[0], "hup");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
    }

    [Fact]
    public async Task The_health_check_trusts_what_the_node_was_told()
    {
        var cluster = await StartSecureAsync("redirect");
        var folder = Directory.CreateTempSubdirectory("raftlocks-health-");
        var (cert, key) = authority.Issue("node");
        await using var check = new NodeProcess(
            "check",
            url: null,
            folder.FullName,
            "healthcheck",
            Origin(cluster.Nodes[0]) + "/health/ready"
        );
        check.Environment["RAFTLOCKS_TLS_CA"] = authority.CaFile;
        check.Environment["RAFTLOCKS_TLS_CERT"] = cert;
        check.Environment["RAFTLOCKS_TLS_KEY"] = key;

        check.Start();

        Assert.True(await check.WaitForExitAsync(AnswerBound) == 0, check.Log);
        var (code, log) = await RunAsync("healthcheck", Origin(cluster.Nodes[0]) + "/health/ready");
        Assert.Equal(1, code);
        Assert.Contains("none of the trusted authorities", log, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_at_the_start_is_a_wrong_setting()
    {
        var (cert, _) = authority.Issue("node");
        var (code, log) = await RunAsync(
            "--listen",
            $"https://127.0.0.1:{FreePorts.Take(1)[0]}",
            "--tls-cert",
            cert,
            "--tls-key",
            authority.Issue("other").Key
        );

        Assert.Equal(WrongSettings, code);
        Assert.Contains("is not the private key of the first certificate in", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    private static string Origin(NodeProcess node) => node.Url.GetLeftPart(UriPartial.Authority);

    private string[] Certificates()
    {
        var (cert, key) = authority.Issue("operator", forServers: false);
        return ["--tls-ca", authority.CaFile, "--tls-cert", cert, "--tls-key", key];
    }

    private async Task<LocalCluster> StartSecureAsync(string mode)
    {
        var (cert, key) = authority.Issue("node");
        var (own, ownKey) = authority.Issue("test", forServers: false);
        using var pair = X509Certificate2.CreateFromPemFile(own, ownKey);
        NodeTrust.Add(authority.Authorities[0]);
        NodeTrust.Own = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
        var cluster = Own(
            new LocalCluster(
                _ => LocalCluster.Plain(3, "https"),
                "--follower-mode",
                mode,
                "--tls-cert",
                cert,
                "--tls-key",
                key,
                "--tls-ca",
                authority.CaFile,
                "--tls-client-ca",
                authority.CaFile
            )
        );
        await cluster.StartAsync();
        return cluster;
    }
}

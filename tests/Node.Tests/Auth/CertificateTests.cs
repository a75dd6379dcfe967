// Client certificates as principals: who they are, whose stand for nobody, and what another node may say about one.
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Auth;

public sealed class CertificateTests : IDisposable
{
    private const string Locks = "/v1/locks?namespace=team";
    private const string Lock = "lock-read,lock-write,observe";

    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task Whoever_shows_a_certificate_has_the_policies_of_its_name()
    {
        await using var secured = await StartAsync();
        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team"));
        await secured.BindAsync("cert:ann", "team");
        using var ann = Client("ann");
        using var bob = Client("bob");

        using var client = await WireClient.ConnectAsync(secured.Node.Url, "team", 60_000, http: ann);
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        var (status, held) = await AskAsync(secured, ann);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"cert:ann\"", held, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(secured, bob)).Status);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() =>
            WireClient.ConnectAsync(secured.Node.Url, "team", 60_000, http: bob)
        );
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_shown_beside_it_counts_and_a_wrong_one_is_refused()
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("cert:ann", "admin");
        using var ann = Client("ann");
        using var bob = Client("bob");

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(secured, ann, "nonsense")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(secured, bob, secured.Root)).Status);
    }

    [Fact]
    public async Task Whoever_may_do_something_without_a_token_may_do_it_with_a_certificate_too()
    {
        await using var secured = await StartAsync(keepAnonymous: true);
        using var ann = Client("ann");

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(secured, ann)).Status);
        await secured.AskAsync(secured.Root, HttpMethod.Delete, "/v1/admin/auth/policies/anonymous");
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(secured, ann)).Status);
    }

    [Fact]
    public async Task A_foreign_one_an_expired_one_and_one_that_is_not_valid_yet_do_not_get_in()
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("cert:ann", "admin");
        using var strangers = new TestAuthority();
        foreach (
            var (cert, key) in new[]
            {
                strangers.Issue("ann", [], forServers: false),
                authority.Issue("ann", [], validDays: -1, sinceDays: 3, forServers: false),
                authority.Issue("ann", [], validDays: 3, sinceDays: -1, forServers: false),
            }
        )
        {
            using var http = By(cert, key);
            await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(secured.Node.Url, Locks)));
        }
    }

    [Fact]
    public async Task A_change_is_in_force_and_its_end_counts_on_a_connection_that_is_open()
    {
        var time = new ShiftedTime();
        await using var secured = await StartAsync(time: time);
        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team"));
        await secured.BindAsync("cert:ann", "team");
        await secured.BindAsync("cert:bob", "team");
        using var ann = await ConnectAsync(secured, "ann");
        using var bob = await ConnectAsync(secured, "bob");

        await secured.AskAsync(secured.Root, HttpMethod.Delete, "/v1/admin/auth/tokens/cert:ann");
        await ann.SendLockAsync("a");
        Assert.Contains("rights", await ann.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal("acquired", (await bob.LockAsync("a")).State);
        Assert.Equal("ready", (await bob.ReleaseAsync()).State);

        time.Shift(TimeSpan.FromDays(101));
        await bob.SendLockAsync("a");
        Assert.Contains("rights", await bob.NextTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another", new[] { "127.0.0.1" })]
    [InlineData("n1", new[] { "n1" })]
    public async Task A_nodes_own_stands_for_nobody_whatever_somebody_bound_to_its_name(string name, string[] hosts)
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("cert:" + name, "admin");
        using var http = By(authority.Issue(name, hosts));

        var (status, said) = await AskAsync(secured, http);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("is a node's", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_anybody_says_of_another_ones_certificate_counts_nothing()
    {
        await using var secured = await StartAsync(raft: true);
        await secured.BindAsync("cert:ann", "admin");
        await secured.BindAsync("cert:eve", "admin");
        using var eve = Client("eve");

        var (status, said) = await AskAsync(secured, eve, null, ("9999999999999 cert:ann", null));
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("does not prove that it is a member", said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(secured, eve, null, (null, "n2"))).Status);

        using var other = By(authority.Issue("n9", ["n9"]));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await AskAsync(secured, other, null, ("9999999999999 cert:ann", "n9"))).Status
        );
    }

    [Theory]
    [InlineData("9999999999999 cert:ann", HttpStatusCode.OK)]
    [InlineData("9999999999999 cert:bob", HttpStatusCode.Forbidden)]
    [InlineData("1 cert:ann", HttpStatusCode.Forbidden)]
    [InlineData("9999999999999 root", HttpStatusCode.Unauthorized)]
    [InlineData("9999999999999 jwt:ann", HttpStatusCode.Unauthorized)]
    [InlineData("cert:ann", HttpStatusCode.Unauthorized)]
    [InlineData("9999999999999 cert:a,b", HttpStatusCode.Unauthorized)]
    public async Task What_a_member_says_of_a_certificate_that_it_has_seen_counts(string seen, HttpStatusCode expected)
    {
        await using var secured = await StartAsync(raft: true);
        await secured.BindAsync("cert:ann", "admin");
        await secured.BindAsync("jwt:ann", "admin");
        using var member = By(authority.Issue("n1", ["n1", "127.0.0.1"]));

        Assert.Equal(expected, (await AskAsync(secured, member, null, (seen, "n1"))).Status);
    }

    [Fact]
    public async Task A_member_is_believed_only_if_the_Raft_ports_authority_says_that_it_is_one()
    {
        using var raft = new TestAuthority("Raft CA");
        await using var secured = await StartAsync(raft: true, raftAuthority: raft);
        await secured.BindAsync("cert:ann", "admin");
        using var member = By(authority.Issue("n1", ["n1"]));

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await AskAsync(secured, member, null, ("9999999999999 cert:ann", "n1"))).Status
        );
    }

    [Theory]
    [InlineData("CN=ann", null, null, null, "ann")]
    [InlineData("CN=ann", "spiffe://td/other", "other@example.com", "other.example", "ann")]
    [InlineData("O=Org", "spiffe://td/ann", "other@example.com", "other.example", "spiffe://td/ann")]
    [InlineData("O=Org", null, "ann@example.com", "other.example", "ann@example.com")]
    [InlineData("O=Org", null, null, "ann.example", "ann.example")]
    [InlineData("O=Org", null, null, null, null)]
    [InlineData("CN=ann,CN=root", "spiffe://td/ann", null, null, null)]
    [InlineData("CN=\" \"", null, null, null, null)]
    public void The_name_is_the_common_name_or_else_the_first_of_the_others(
        string subject,
        string? uri,
        string? mail,
        string? dns,
        string? name
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        if (mail is not null)
        {
            names.AddEmailAddress(mail);
        }

        if (dns is not null)
        {
            names.AddDnsName(dns);
        }

        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));

        Assert.Equal(name, CertificateNames.Holder(made));
    }

    private HttpClient Client(string name) => By(authority.Issue(name, [], forServers: false));

    private HttpClient By((string Cert, string Key) files) => By(files.Cert, files.Key);

    private HttpClient By(string cert, string key)
    {
        using var pair = X509Certificate2.CreateFromPemFile(cert, key);
        return SingleNode.HttpBy(authority, Own(pair));
    }

    private static X509Certificate2 Own(X509Certificate2 pair) =>
        X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);

    private async Task<WireClient> ConnectAsync(SecuredNode secured, string name)
    {
        using var http = Client(name);
        var client = await WireClient.ConnectAsync(
            secured.Node.Url,
            "team",
            60_000,
            extensions: "&extensions=1",
            http: http
        );
        Assert.Equal("acquired", (await client.LockAsync("own", name)).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        return client;
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        SecuredNode secured,
        HttpClient http,
        string? secret = null,
        (string? Seen, string? By) said = default
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(secured.Node.Url, Locks));
        if (secret is not null)
        {
            request.Headers.Authorization = new("Bearer", secret);
        }

        if (said.Seen is not null)
        {
            request.Headers.Add(CertificateAuthentication.SeenHeader, said.Seen);
        }

        if (said.By is not null)
        {
            request.Headers.Add(ForwardedRequests.Mark, said.By);
        }

        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    // The test itself asks as an operator with a certificate of the same authority, and the root token.
    private async Task<SecuredNode> StartAsync(
        bool keepAnonymous = false,
        bool raft = false,
        TestAuthority? raftAuthority = null,
        TimeProvider? time = null
    )
    {
        var (own, ownKey) = authority.Issue("operator", [], forServers: false);
        using var pair = X509Certificate2.CreateFromPemFile(own, ownKey);
        return await SecuredNode.StartAsync(
            keepAnonymous,
            settings =>
            {
                var (cert, key) = (raftAuthority ?? authority).Issue("raft", ["n1"]);
                return settings with
                {
                    Certificates = settings.Certificates with { ClientAuthorities = authority.CaFile },
                    RaftCertificates = raft
                        ? new CertificatePaths
                        {
                            Certificate = cert,
                            Key = key,
                            Authorities = (raftAuthority ?? authority).CaFile,
                        }
                        : null,
                };
            },
            authority,
            time,
            own: Own(pair)
        );
    }
}

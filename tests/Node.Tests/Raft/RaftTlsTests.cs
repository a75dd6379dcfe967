// Members that prove to each other who they are, and strangers that can't.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Api;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Transport;
using RaftLocks.Tests;
using static RaftLocks.Node.Tests.Raft.RaftMessages;

namespace RaftLocks.Node.Tests.Raft;

[Trait("Category", "Slow")]
public sealed class RaftTlsTests : IDisposable
{
    private static readonly SslApplicationProtocol Protocol = new("raftlocks-raft/1");
    private readonly TestAuthority authority = new();
    private readonly Dictionary<string, RaftCertificates> certificates = [];

    public RaftTlsTests()
    {
        foreach (var name in new[] { "n1", "n2", "n3", "n4" })
        {
            certificates[name] = Issue(authority, name);
        }
    }

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task Members_with_certificates_replicate()
    {
        await using var cluster = await StartAsync();
        var leader = await cluster.LeaderAsync();
        var proposals = await InProcessCluster.LockAsync(leader, 0, 50);
        Assert.All(proposals, proposal => Assert.Equal("Acquired", proposal.Outcome.Result));
    }

    [Fact]
    public async Task A_node_that_joins_proves_its_own_name()
    {
        await using var cluster = await StartAsync(spareNodes: 1);
        var joining = await cluster.StartJoiningAsync(3);
        var leader = await cluster.LeaderAsync();
        Assert.True(await leader.AddMemberAsync(cluster.AsMember(3), CancellationToken.None));
        await InProcessCluster.UntilAsync(() => joining.IsMember, "it was not added");
    }

    [Fact]
    public async Task Who_speaks_without_TLS_is_refused()
    {
        await using var cluster = await StartAsync();
        await RefusedAsync(
            cluster,
            socket => Task.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true)),
            "n2"
        );
    }

    [Theory]
    [InlineData("other authority")]
    [InlineData("no member")]
    [InlineData("no certificate")]
    [InlineData("expired")]
    [InlineData("another member's name")]
    [InlineData("only the common name")]
    [InlineData("another protocol")]
    public async Task Who_can_not_prove_to_be_that_member_is_refused(string who)
    {
        using var others = new TestAuthority("Other CA");
        var shown = who switch
        {
            "other authority" => Issue(others, "n2").Own,
            "no member" => Issue(authority, "n9").Own,
            "no certificate" => null,
            "expired" => Issue(authority, "n2", validDays: -1).Own,
            "another member's name" => certificates["n3"].Own,
            "only the common name" => Issue(authority, "n2", host: "client.example.com").Own,
            _ => certificates["n2"].Own,
        };
        await using var cluster = await StartAsync();
        await RefusedAsync(
            cluster,
            socket => EncryptAsync(socket, shown, who == "another protocol" ? new("h2") : Protocol),
            "n2"
        );
    }

    [Fact]
    public async Task A_member_is_not_believed_where_another_one_was_wanted()
    {
        // All that others send to n3 arrives at who can only prove to be n4.
        certificates["n3"] = certificates["n4"];
        await using var cluster = await StartAsync();
        var leader = await cluster.LeaderAsync();
        Assert.NotEqual("n3", leader.Status.Name);
        await InProcessCluster.LockAsync(leader, 0, 5);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Equal(0, cluster.Running.Single(node => node.Status.Name == "n3").Status.LastIndex);
        Assert.NotNull(leader.Current);
    }

    [Fact]
    public async Task New_certificates_of_a_new_authority_cost_no_leadership()
    {
        await using var cluster = await StartAsync();
        var leader = await cluster.LeaderAsync();
        var term = leader.Status.Term;
        using var newer = new TestAuthority("Newer CA");
        X509Certificate2Collection both = [.. authority.Authorities, .. newer.Authorities];
        foreach (var name in certificates.Keys.ToList())
        {
            certificates[name] = certificates[name] with { Authorities = both };
        }

        foreach (var name in certificates.Keys.ToList())
        {
            certificates[name] = new RaftCertificates(Issue(newer, name).Own, both);
        }

        // A connection that is made now gets the new one.
        var follower = cluster.Running.First(node => node != leader);
        using var socket = await HostileScene.ConnectAsync(follower);
        await using var stream = await EncryptAsync(socket, certificates[leader.Status.Name].Own, Protocol);
        Assert.Equal("CN=Newer CA", ((SslStream)stream).RemoteCertificate!.Issuer);

        await InProcessCluster.LockAsync(leader, 0, 5);
        Assert.Equal(term, leader.Status.Term);
        Assert.NotNull(leader.Current);
    }

    [Fact]
    public async Task Handshakes_that_are_never_finished_keep_no_member_out()
    {
        await using var cluster = await StartAsync();
        var leader = await cluster.LeaderAsync();
        var follower = cluster.Running.First(node => node != leader);
        var term = leader.Status.Term;
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 4 * TransportLimits.MaxHandshakes; i++)
            {
                silent.Add(await HostileScene.ConnectAsync(follower));
            }

            await InProcessCluster.LockAsync(leader, 0, 20);
            Assert.Equal(term, leader.Status.Term);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    private static RaftCertificates Issue(
        TestAuthority authority,
        string name,
        int validDays = 100,
        string? host = null
    )
    {
        var (cert, key) = authority.Issue(name, [host ?? name], validDays, sinceDays: 10);
        return new RaftCertificates(PemFiles.ReadOwn(cert, key), authority.Authorities);
    }

    private static async Task<Stream> EncryptAsync(
        Socket socket,
        SslStreamCertificateContext? shown,
        SslApplicationProtocol protocol
    )
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "whoever",
                ClientCertificateContext = shown,
                RemoteCertificateValidationCallback = (_, theirs, _, _) => theirs is not null,
                ApplicationProtocols = [protocol],
            }
        );
        return stream;
    }

    private async Task<InProcessCluster> StartAsync(int spareNodes = 0)
    {
        var cluster = new InProcessCluster(
            spareNodes,
            options => options with { Certificates = () => certificates[options.Name] }
        );
        await cluster.StartAllAsync();
        return cluster;
    }

    /// <summary>Speaks in a member's name to another one, which closes the connection and does nothing.</summary>
    private static async Task RefusedAsync(InProcessCluster cluster, Func<Socket, Task<Stream>> open, string name)
    {
        var leader = await cluster.LeaderAsync();
        var term = leader.Status.Term;
        var asked = cluster.Running.First(node => node.Status.Name != name);
        var sender = HostileScene.EndPointOf(cluster.Running.First(node => node.Status.Name == name));
        using var socket = await HostileScene.ConnectAsync(asked);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await using var stream = await open(socket);
            await stream.WriteAsync(Append(sender, term + 1), bound.Token);
            Assert.Equal(0, await stream.ReadAsync(new byte[1], bound.Token));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // Closed in the middle of the handshake, or of what was sent.
        }

        await Task.Delay(200);
        Assert.Equal(term, asked.Status.Term);
        Assert.NotNull(leader.Current);
    }
}

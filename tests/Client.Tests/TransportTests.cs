// How the client's bytes travel: by TLS, through a proxy, to an address that takes nothing.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Client.Sessions;
using RaftLocks.Client.Tests.Scripted;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Tests;

public class TransportTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly string Token = new('a', 64);

    [Fact]
    public async Task Locks_are_held_over_tls_and_hundreds_of_them_at_once()
    {
        using var authority = new TestAuthority();
        using var certificate = Certificate(authority);
        await using var node = await ScriptedNode.StartAsync(ServeAsync, certificate);
        await using var locks = new RaftLocksClient(
            new RaftLocksOptions { Nodes = [node.Url], CertificateAuthorities = authority.Authorities }
        );

        var held = await Task.WhenAll(
                Enumerable.Range(0, 300).Select(i => locks.AcquireAsync(LockResource.Write($"{i}")))
            )
            .WaitAsync(Bound);

        Assert.All(held, one => Assert.False(one.IsLost));
        await Task.WhenAll(held.Select(one => one.DisposeAsync().AsTask())).WaitAsync(Bound);
    }

    [Fact]
    public async Task A_node_that_wants_a_certificate_is_shown_one()
    {
        using var authority = new TestAuthority();
        using var certificate = Certificate(authority);
        using var own = Certificate(authority, "ann");
        var shown = new ConcurrentQueue<string?>();
        await using var node = await ScriptedNode.StartAsync(
            context =>
            {
                shown.Enqueue(context.Connection.ClientCertificate?.Subject);
                return ServeAsync(context);
            },
            certificate,
            wantsClientCertificate: true
        );
        await using var locks = new RaftLocksClient(
            new RaftLocksOptions
            {
                Nodes = [node.Url],
                CertificateAuthorities = authority.Authorities,
                ClientCertificates = [own],
            }
        );

        await using var held = await locks.AcquireAsync(LockResource.Write("a")).WaitAsync(Bound);

        Assert.Equal("CN=ann", Assert.Single(shown));
    }

    [Theory]
    [InlineData(false, "127.0.0.1", "which is none of the trusted authorities")]
    [InlineData(true, "node.example", "its certificate is for node.example, not for 127.0.0.1")]
    public async Task A_certificate_that_is_not_trusted_is_told_and_another_node_is_asked(
        bool isTrusted,
        string host,
        string told
    )
    {
        using var authority = new TestAuthority();
        using var certificate = Certificate(authority, "node", host);
        await using var untrusted = await ScriptedNode.StartAsync(ServeAsync, certificate);
        await using var node = await ScriptedNode.StartAsync(ServeAsync);
        var options = new RaftLocksOptions
        {
            Nodes = [untrusted.Url, node.Url],
            CertificateAuthorities = isTrusted ? authority.Authorities : null,
        };
        await using var locks = new RaftLocksClient(options);

        await using var held = await locks.AcquireAsync(LockResource.Write("a")).WaitAsync(Bound);

        var refused = await Assert.ThrowsAsync<ConnectException>(() =>
            ConnectAsync(untrusted.Url, new WebSocketConnector(options, Token))
        );
        Assert.Contains($"no trusted TLS connection: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        Assert.Empty(untrusted.Queries);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Through_a_proxy_a_tunnel_is_asked_for_and_locks_go_through_it(bool isSecure)
    {
        using var authority = new TestAuthority();
        using var certificate = Certificate(authority);
        await using var node = await ScriptedNode.StartAsync(ServeAsync, isSecure ? certificate : null);
        using var proxy = new TunnelProxy();
        var options = new RaftLocksOptions { Nodes = [node.Url], CertificateAuthorities = authority.Authorities };
        await using var locks = Client(options, new WebSocketConnector(options, Token, new WebProxy(proxy.Url)));

        await using (var held = await locks.AcquireAsync(LockResource.Write("a")).WaitAsync(Bound))
        {
            Assert.False(held.IsLost);
        }

        Assert.Equal($"CONNECT {node.Url.Authority} HTTP/1.1", Assert.Single(proxy.Asked));
    }

    [Fact]
    public async Task An_attempt_that_is_given_up_ends_at_once_whatever_it_waits_for()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var giveUp = new CancellationTokenSource();
        var connecting = ConnectAsync(
            new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"),
            new WebSocketConnector(new RaftLocksOptions(), Token),
            giveUp.Token
        );
        using var accepted = await listener.AcceptTcpClientAsync();

        await giveUp.CancelAsync();

        Assert.Contains(
            "does not answer",
            (await Assert.ThrowsAsync<ConnectException>(() => connecting.WaitAsync(Bound))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_connection_that_is_broken_from_this_side_ends_a_blocked_receive()
    {
        await using var node = await ScriptedNode.StartAsync(context =>
            ScriptedNode.ServeAsync(context, """{"action":"resume","state":"ready"}""", _ => "{}")
        );
        using var wire = await ConnectAsync(node.Url, new WebSocketConnector(new RaftLocksOptions(), Token));
        Assert.False(wire.Receive().IsEnd);
        var receiving = Task.Factory.StartNew(wire.Receive, TaskCreationOptions.LongRunning);

        wire.Abort();

        Assert.True((await receiving.WaitAsync(Bound)).IsEnd);
        Assert.Throws<IOException>(() => wire.Send("{}"u8, hasMore: false));
    }

    private static Task ServeAsync(Microsoft.AspNetCore.Http.HttpContext context) => ScriptedNode.GrantAsync(context);

    private static RaftLocksClient Client(RaftLocksOptions options, IConnector connector) =>
        new(options, connector, SuspendAwareClock.Instance, NullLogger.Instance);

    private static Task<IWire> ConnectAsync(
        Uri node,
        WebSocketConnector connector,
        CancellationToken token = default
    ) => Task.Factory.StartNew(() => connector.Connect(node, token), TaskCreationOptions.LongRunning);

    private static X509Certificate2 Certificate(
        TestAuthority authority,
        string name = "node",
        string host = "127.0.0.1"
    )
    {
        var (cert, key) = authority.Issue(name, [host]);
        using var pair = X509Certificate2.CreateFromPemFile(cert, key);
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A proxy that knows CONNECT and nothing else.</summary>
    private sealed class TunnelProxy : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public TunnelProxy()
        {
            listener.Start();
            _ = AcceptAsync();
        }

        public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

        /// <summary>The first line of each request.</summary>
        public List<string> Asked { get; } = [];

        public void Dispose() => listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = TunnelAsync(await listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task TunnelAsync(TcpClient client)
        {
            using (client)
            {
                var near = client.GetStream();
                var head = new StringBuilder();
                var one = new byte[1];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await near.ReadAsync(one) > 0)
                {
                    head.Append((char)one[0]);
                }

                var line = head.ToString().Split("\r\n")[0];
                Asked.Add(line);
                using var server = new TcpClient();
                await server.ConnectAsync(IPEndPoint.Parse(line.Split(' ')[1]));
                await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
                var far = server.GetStream();
                await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
            }
        }
    }
}

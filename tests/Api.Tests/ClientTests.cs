// Whatever is wrong with a node, it costs a bounded time, is named, and the next one is asked.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using static RaftLocks.Api.Tests.ScriptedNode;

namespace RaftLocks.Api.Tests;

public sealed class ClientTests : IDisposable
{
    private const string Locks = """{"index":1,"requests":[],"more":false}""";

    // What is answered at all is answered in time, on a busy machine too.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly ApiRequest<LocksResponse> Asking = ApiRequests.Locks(new LocksRequest("n"));

    private readonly ScriptedNode good = new(_ => Json(Locks));
    private readonly ConcurrentQueue<string> skipped = new();

    public void Dispose() => good.Dispose();

    public static TheoryData<string, string?> Bad =>
        new()
        {
            { "nothing within 1 s", null },
            { "it answers 500: oops", Http("500 Internal Server Error", "oops") },
            { "it answers 404", Http("404 Not Found", "<html>another server</html>") },
            { "it answers what is no JSON", Http("200 OK", "<html>hello</html>") },
            { "no RaftLocks node's answer", Json("""{"status":"green"}""") },
            { "no RaftLocks node's answer", Json("""{"requests":null}""") },
            { "no RaftLocks node's answer", Json("null") },
            { "no RaftLocks node's answer", Json("""{"requests":[{"id":7}]}""") },
            { "longer than 64 KiB", Json($$"""{"requests":[],"padding":"{{new string('x', 100_000)}}"}""") },
            { "which is no node's address", Redirect(new Uri("gopher://x/")) },
            { "nothing within 1 s", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{" },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_node_is_named_and_the_next_one_answers(string why, string? answer)
    {
        using var bad = new ScriptedNode(_ => answer);
        var isSilent = why.StartsWith("nothing", StringComparison.Ordinal);
        using var api = Client(isSilent ? Short : Long, bad.Url, good.Url);

        Assert.Empty((await api.SendAsync(Asking, CancellationToken.None)).Value.Requests);

        Assert.Contains(why, Assert.Single(skipped), StringComparison.Ordinal);
        Assert.StartsWith(bad.Url.Authority, skipped.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        ScriptedNode? circle = null;
        using var bad = circle = new ScriptedNode(_ => Redirect(circle!.Url));
        using var api = Client(bad.Url, good.Url);

        await api.SendAsync(Asking, CancellationToken.None);

        Assert.Contains("it redirects in a circle", Assert.Single(skipped), StringComparison.Ordinal);
        Assert.Equal(4, bad.Asked.Count);
    }

    // HttpClient does not wrap the exception of a socket that was reset before it asked it for its address: of so many
    // a few are.
    [Fact]
    public async Task A_node_that_resets_each_connection_at_once_does_not_answer()
    {
        const int AtOnce = 200;
        const int Times = 20;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(AtOnce);
        using var end = new CancellationTokenSource();
        var resetting = Task.Run(async () =>
        {
            while (true)
            {
                using var accepted = await listener.AcceptSocketAsync(end.Token);
                accepted.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        });
        using var api = Client(good.Url);
        var node = new Uri($"http://{listener.LocalEndpoint}");

        for (var i = 0; i < Times; i++)
        {
            await Task.WhenAll(
                Enumerable
                    .Range(0, AtOnce)
                    .Select(_ =>
                        Task.Run(() =>
                            Assert.ThrowsAsync<ApiUnreachableException>(() =>
                                api.SendAsync(node, Asking, CancellationToken.None)
                            )
                        )
                    )
            );
        }

        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resetting);
    }

    [Fact]
    public async Task While_there_is_no_leader_it_is_asked_again()
    {
        var asked = 0;
        using var node = new ScriptedNode(_ =>
            Interlocked.Increment(ref asked) == 1
                ? Http("503 Service Unavailable", "There is no leader at the moment.")
                : Json(Locks)
        );
        using var api = Client(node.Url);

        Assert.Empty((await api.SendAsync(Asking, CancellationToken.None)).Value.Requests);

        Assert.Equal(2, node.Asked.Count);
    }

    [Fact]
    public async Task But_not_for_ever()
    {
        using var node = new ScriptedNode(_ => Http("503 Service Unavailable", "There is no leader at the moment."));
        using var api = new ApiClient(
            new ApiClientOptions
            {
                Nodes = () => [node.Url],
                ElectionTimeout = TimeSpan.Zero,
                UseProxy = false,
            }
        );

        var refused = await Assert.ThrowsAsync<ApiRefusedException>(() =>
            api.SendAsync(Asking, CancellationToken.None)
        );

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal("There is no leader at the moment.", refused.Message);
        Assert.Single(node.Asked);
    }

    [Fact]
    public async Task A_mistake_is_final_and_no_other_node_is_asked()
    {
        using var node = new ScriptedNode(_ => Http("400 Bad Request", "'limit' is a whole number from 1 to 1000."));
        using var api = Client(node.Url, good.Url);

        var refused = await Assert.ThrowsAsync<ApiRefusedException>(() =>
            api.SendAsync(Asking, CancellationToken.None)
        );

        Assert.Equal("'limit' is a whole number from 1 to 1000.", refused.Message);
        Assert.Empty(good.Asked);
    }

    [Fact]
    public async Task Nobody_there_is_said_with_all_addresses()
    {
        using var api = Client(new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:2"));

        var none = await Assert.ThrowsAsync<ApiUnreachableException>(() =>
            api.SendAsync(Asking, CancellationToken.None)
        );

        Assert.StartsWith("No node answers (127.0.0.1:1, 127.0.0.1:2): ", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_node_at_all_is_no_answer_either()
    {
        using var api = Client();

        await Assert.ThrowsAsync<ApiUnreachableException>(() => api.SendAsync(Asking, CancellationToken.None));
    }

    [Fact]
    public async Task Whoever_asks_members_themselves_follows_no_redirect()
    {
        using var node = new ScriptedNode(_ => Redirect(good.Url));
        using var api = new ApiClient(
            new ApiClientOptions
            {
                Nodes = () => [node.Url],
                MaxRedirects = 0,
                UseProxy = false,
            }
        );

        var refused = await Assert.ThrowsAsync<ApiRefusedException>(() =>
            api.SendAsync(node.Url, Asking, CancellationToken.None)
        );

        Assert.Equal(HttpStatusCode.TemporaryRedirect, refused.Status);
        Assert.Empty(good.Asked);
    }

    [Fact]
    public async Task An_order_to_a_node_that_hangs_is_given_up_though_its_time_is_long()
    {
        using var node = new ScriptedNode(_ => null);
        using var api = Client(node.Url);

        var none = await Assert.ThrowsAsync<ApiUnreachableException>(() =>
            api.SendAsync(ApiRequests.AddMember("n4,h:1,http://h"), CancellationToken.None)
        );

        Assert.Contains("it hangs", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_opened_as_a_stream_must_be_one()
    {
        using var api = Client(good.Url);

        var none = await Assert.ThrowsAsync<ApiUnreachableException>(() =>
            api.OpenAsync(ApiRequests.Snapshot(), CancellationToken.None)
        );

        Assert.Contains("no application/octet-stream", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_asked_alone_says_why_it_is_not_ready()
    {
        const string answer = """{"ok":false,"reason":"shuts down","alarms":[]}""";
        using var node = new ScriptedNode(_ => Http("503 Service Unavailable", answer));
        using var api = Client(node.Url);

        var health = (await api.SendAsync(node.Url, ApiRequests.Ready(), CancellationToken.None)).Value;

        Assert.Equal((false, "shuts down"), (health.Ok, health.Reason));
    }

    private ApiClient Client(params Uri[] nodes) => Client(Long, nodes);

    private ApiClient Client(TimeSpan responseTimeout, params Uri[] nodes) =>
        new(
            new ApiClientOptions
            {
                Nodes = () => nodes,
                ResponseTimeout = responseTimeout,
                MaxResponseBytes = 64 << 10,
                UseProxy = false,
                NodeSkipped = (node, why) => skipped.Enqueue($"{node.Authority}: {why}"),
            }
        );
}

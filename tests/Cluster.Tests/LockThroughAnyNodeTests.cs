using System.Diagnostics;
using System.Net;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Three nodes that work: lock, wait and release through each of them, by redirect and by proxy.

public sealed class LockThroughAnyNodeTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Theory]
    [InlineData("redirect")]
    [InlineData("proxy")]
    public async Task Lock_wait_and_release_through_any_node(string followerMode)
    {
        var cluster = await StartAsync(3, "--follower-mode", followerMode);
        ulong lastId = 0;
        foreach (var (first, second) in cluster.Nodes.Zip(cluster.Nodes.Skip(1).Append(cluster.Nodes[0])))
        {
            var holder = await ClientAsync(first, "any-node");
            var waiter = await ClientAsync(second, "any-node");

            var held = await holder.LockAsync("a");
            Assert.Equal(("lock", "acquired"), (held.Action, held.State));
            Assert.True(held.Id > lastId);
            var waits = await waiter.LockAsync("a/b", "?c");
            Assert.Equal(("lock", "enqueued"), (waits.Action, waits.State));
            Assert.Equal(held.Id + 1, waits.Id);

            var released = await holder.ReleaseAsync();
            Assert.Equal((held.Id, "release", "ready"), (released.Id, released.Action, released.State));
            var granted = await waiter.NextAsync();
            Assert.Equal((waits.Id, "lock", "acquired"), (granted.Id, granted.Action, granted.State));
            Assert.Equal("ready", (await waiter.ReleaseAsync()).State);
            lastId = waits.Id;
        }
    }

    [Fact]
    public async Task A_follower_redirects_to_the_leader_with_path_and_query()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var follower = await cluster.FollowerAsync();
        var address = Handshake.V1(follower.Url, "über alles & more", abandonTimeoutMs: 1234);

        var refused = await Assert.ThrowsAsync<HandshakeRefusedException>(() =>
            Handshake.OnceAsync(address, CancellationToken.None)
        );

        Assert.Equal(HttpStatusCode.TemporaryRedirect, refused.Status);
        var expected = new UriBuilder(Handshake.V1(leader.Url, "über alles & more", abandonTimeoutMs: 1234))
        {
            Scheme = "http",
        };
        Assert.Equal(expected.Uri.AbsoluteUri, new Uri(refused.Location!).AbsoluteUri);
    }

    [Fact]
    public async Task A_follower_redirects_no_request_but_the_handshake_of_the_protocol()
    {
        var cluster = await StartAsync(3);
        var follower = await cluster.FollowerAsync();
        foreach (
            var (path, expected) in new[]
            {
                ("/v1/cluster", HttpStatusCode.OK),
                ("/v1/admin/members", HttpStatusCode.OK),
                ("/v1?namespace=", HttpStatusCode.BadRequest),
                ("/v1/?namespace=n", HttpStatusCode.NotFound),
            }
        )
        {
            var address = new Uri(new UriBuilder(follower.Url) { Scheme = "ws" }.Uri, path);

            var refused = await Assert.ThrowsAsync<HandshakeRefusedException>(() =>
                Handshake.OnceAsync(address, CancellationToken.None)
            );

            Assert.Equal((path, expected, null), (path, refused.Status, refused.Location));
        }

        var answer = await follower.Http.GetAsync("/v1?namespace=plain");

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer?.Status);
    }

    [Fact]
    public async Task A_proxying_follower_serves_without_a_redirect()
    {
        var cluster = await StartAsync(3, "--follower-mode", "proxy");
        var follower = await cluster.FollowerAsync();

        using var socket = await Handshake.OnceAsync(Handshake.V1(follower.Url, "proxied"), CancellationToken.None);

        Assert.Equal(System.Net.WebSockets.WebSocketState.Open, socket.State);
    }

    [Fact]
    public async Task A_lock_whose_proxying_follower_dies_is_abandoned_after_its_timeout()
    {
        const int AbandonTimeoutMs = 1_500;
        var cluster = await StartAsync(3, "--follower-mode", "proxy");
        var leader = await cluster.LeaderAsync();
        var follower = await cluster.FollowerAsync();
        var holder = await ClientAsync(follower, "proxy-dies", AbandonTimeoutMs);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        var waiter = await ClientAsync(leader, "proxy-dies");
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        var killedAt = Stopwatch.GetTimestamp();
        await follower.KillAsync();

        var granted = await waiter.NextAsync();
        Assert.Equal("acquired", granted.State);
        Assert.True(Stopwatch.GetElapsedTime(killedAt, granted.ReceivedAt).TotalMilliseconds >= AbandonTimeoutMs);
    }

    [Theory]
    [InlineData("redirect")]
    [InlineData("proxy")]
    public async Task A_node_that_knows_no_leader_answers_503_with_Retry_After(string followerMode)
    {
        var cluster = Describe(3, "--follower-mode", followerMode);
        var lonely = cluster.Nodes[1];
        lonely.Start();
        await Eventually.HoldsAsync(
            "the node listens",
            LocalCluster.ElectionBound,
            async () => await lonely.Http.GetAsync("/health/live") is { Status: HttpStatusCode.OK }
        );

        var refused = await Assert.ThrowsAsync<HandshakeRefusedException>(() =>
            Handshake.OnceAsync(Handshake.V1(lonely.Url, "no-leader"), CancellationToken.None)
        );

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.True(
            int.TryParse(refused.RetryAfter, out var seconds) && seconds >= 0,
            $"Retry-After: {refused.RetryAfter}"
        );
        Assert.False(await lonely.Http.IsReadyAsync());
    }

    [Fact]
    public async Task Every_node_describes_the_same_cluster()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();

        foreach (var node in cluster.Nodes)
        {
            var view = await Eventually.FindAsync(
                "the node names the leader",
                LocalCluster.ElectionBound,
                async () =>
                    await node.Http.ClusterAsync() is { } seen
                    && string.Equals(seen.Leader, leader.Name, StringComparison.Ordinal)
                        ? seen
                        : null
            );
            Assert.Equal(node.Name, view.Name);
            Assert.Equal(node == leader ? "leader" : "follower", view.Role);
            Assert.Equal(
                "n1 n2 n3",
                string.Join(' ', view.Members.Select(member => member.Name).Order(StringComparer.Ordinal))
            );
            Assert.True(view.Term > 0);
            Assert.True(
                view.AppliedIndex > 0 && view.AppliedIndex <= view.CommitIndex && view.CommitIndex <= view.LastIndex,
                view.ToString()
            );
        }
    }
}

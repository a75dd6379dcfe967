// The client against a real node.
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests.Real;

[Collection(OneNodeTests.Name)]
[Trait("Category", "Slow")]
public class NodeTests(OneNode node)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_clients_take_turns_and_the_tokens_grow()
    {
        await using var one = node.Client("turns");
        await using var other = node.Client("turns");
        var first = await one.AcquireAsync(Write("a"), Read("b"));
        var waiting = other.AcquireAsync(Write("a", "x"));
        Assert.Null(await other.TryAcquireAsync(Write("b")));
        await using var reads = await other.TryAcquireAsync(Read("b"));
        Assert.NotNull(reads);
        Assert.False(waiting.IsCompleted);

        await first.DisposeAsync();
        await using var second = await waiting.WaitAsync(Bound);

        Assert.True(second.FencingToken > first.FencingToken);
        Assert.False(first.IsLost);
    }

    [Fact]
    public async Task One_connection_holds_hundreds_of_locks()
    {
        await using var locks = node.Client("many");
        var held = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => locks.AcquireAsync(Write("many", $"{i}"))))
            .WaitAsync(Bound);

        Assert.Equal(300, held.Select(one => one.FencingToken).Distinct().Count());
        Assert.Equal(1, (await node.Node.Http.StatsAsync("many"))!.Value.GetProperty("connections").GetInt32());
        await Task.WhenAll(held.Select(one => one.DisposeAsync().AsTask()));
        Assert.Equal(0, (await node.Node.Http.StatsAsync("many"))!.Value.GetProperty("live").GetInt32());
    }

    [Fact]
    public async Task A_cancelled_wait_blocks_nobody()
    {
        await using var locks = node.Client("cancelled");
        await using var reader = await locks.AcquireAsync(Read("a"));
        using var cancel = new CancellationTokenSource();
        var writer = locks.AcquireAsync([Write("a")], cancellationToken: cancel.Token);
        var late = locks.AcquireAsync(Read("a"));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer);
        await (await late.WaitAsync(Bound)).DisposeAsync();
    }

    [Fact]
    public async Task A_wait_with_a_timeout_is_ended_by_the_cluster()
    {
        await using var locks = node.Client("timeout");
        await using var held = await locks.AcquireAsync(Write("a"));

        await Assert.ThrowsAsync<LockNotAcquiredException>(() =>
            locks.AcquireAsync([Write("a")], TimeSpan.FromMilliseconds(50))
        );

        await Eventually.HoldsAsync(
            "the log tells that the cluster ended it",
            Bound,
            async () =>
                await node.Node.Http.GetAsync("/v1/history?namespace=timeout") is { } history
                && history.Body.Contains("timedOut", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Fact]
    public async Task A_downgrade_lets_readers_in_and_keeps_writers_out()
    {
        await using var locks = node.Client("downgrade");
        await using var held = await locks.AcquireAsync(Write("a"));
        var reading = locks.AcquireAsync(Read("a"));

        await held.DowngradeAsync().WaitAsync(Bound);

        await using var read = await reading.WaitAsync(Bound);
        Assert.Null(await locks.TryAcquireAsync(Write("a")));
    }

    [Fact]
    public void A_namespace_that_the_node_refuses_is_told_with_the_node_s_words()
    {
        // The client's own check takes any name; the node wants the session's token to be a token.
        var connector = new Wire.WebSocketConnector(new RaftLocksOptions { Nodes = [node.Node.Url] }, "short");

        var refused = Assert.Throws<Wire.ConnectException>(() =>
            connector.Connect(node.Node.Url, CancellationToken.None)
        );

        Assert.True(refused.IsFinal);
        Assert.Contains("session", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_process_with_the_same_session_replaces_this_one_which_does_not_come_back()
    {
        var options = new RaftLocksOptions { Nodes = [node.Node.Url], Namespace = "replaced" };
        var token = new string('x', 32);
        var one = new Wire.WebSocketConnector(options, token);
        await using var first = new RaftLocksClient(
            options,
            one,
            Sessions.SuspendAwareClock.Instance,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
        );
        var held = await first.AcquireAsync(Write("a"));

        using var second = one.Connect(node.Node.Url, CancellationToken.None);
        await Eventually.HoldsAsync("the first learns that it is replaced", Bound, () => Task.FromResult(held.IsLost));

        await Assert.ThrowsAsync<SessionReplacedException>(() => first.AcquireAsync(Write("b")));
    }
}

// A traced client's lock is a span of its trace: from its message to the grant. Others are not traced.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Metrics;

public sealed class TraceTests : IDisposable
{
    private readonly ActivityTraceId trace = ActivityTraceId.CreateRandom();
    private readonly ConcurrentQueue<Activity> spans = new();
    private readonly ActivityListener listener;

    public TraceTests()
    {
        // Other tests run beside this one: only the spans of its own trace count.
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RaftLocks",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
    }

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task A_lock_that_waits_is_one_span_up_to_its_grant()
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("n", 0);
        var waiter = await node.ConnectAsync("n", 0);
        await holder.LockAsync("a");
        var parent = ActivitySpanId.CreateRandom();
        await waiter.SendAsync(
            $$"""{"traceparent":"00-{{trace}}-{{parent}}-01","action":"lock","resources":[{"type":"write","path":["a"]}]}"""
        );
        Assert.Equal("enqueued", (await waiter.NextAsync()).State);
        Assert.Empty(spans);

        await holder.ReleaseAsync();
        Assert.Equal("acquired", (await waiter.NextAsync()).State);

        var span = Assert.Single(spans);
        Assert.Equal(
            (parent, "acquired", "2", true),
            (
                span.ParentSpanId,
                span.GetTagItem("raftlocks.outcome"),
                span.GetTagItem("raftlocks.id"),
                span.GetTagItem("raftlocks.waited")
            )
        );
        Assert.Single(span.Events, happened => happened.Name == "enqueued");
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task The_handshakes_traceparent_holds_for_all_locks_of_the_connection()
    {
        await using var node = await SingleNode.StartAsync();
        using var socket = new ClientWebSocket();
        var parent = ActivitySpanId.CreateRandom();
        socket.Options.SetRequestHeader("traceparent", $"00-{trace}-{parent}-01");
        await socket.ConnectAsync(
            new UriBuilder(node.Url)
            {
                Scheme = "ws",
                Path = "/v1",
                Query = "namespace=n",
            }.Uri,
            CancellationToken.None
        );
        foreach (
            var message in new[] { WireClient.LockText("a"), """{"action":"release"}""", WireClient.LockText("b") }
        )
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(message),
                WebSocketMessageType.Text,
                endOfMessage: true,
                CancellationToken.None
            );
            await socket.ReceiveAsync(new byte[256], CancellationToken.None).WaitAsync(WireClient.WaitBound);
        }

        Assert.Equal([parent, parent], spans.Select(span => span.ParentSpanId));
        Assert.Equal(["1", "2"], spans.Select(span => span.GetTagItem("raftlocks.id")));
        Assert.All(spans, span => Assert.Equal(false, span.GetTagItem("raftlocks.waited")));
    }

    [Fact]
    public async Task A_wait_that_is_given_up_ends_its_span_and_says_so()
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("n", 0);
        var waiter = await node.ConnectAsync("n", 0);
        await holder.LockAsync("a");
        await waiter.SendAsync(
            $$"""{"action":"lock","traceparent":"00-{{trace}}-{{ActivitySpanId.CreateRandom()}}-01","resources":[{"type":"write","path":["a"]}]}"""
        );
        await waiter.NextAsync();
        await waiter.ReleaseAsync();

        var span = Assert.Single(spans);
        Assert.Equal(("given up", ActivityStatusCode.Error), (span.GetTagItem("raftlocks.outcome"), span.Status));
    }

    [Theory]
    [InlineData("\"no trace\"")]
    [InlineData("17")]
    [InlineData("{\"a\":[1]}")]
    public async Task What_makes_no_sense_is_ignored(string traceparent)
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("n", 0);

        await client.SendAsync(
            $$"""{"traceparent":{{traceparent}},"action":"lock","resources":[{"type":"write","path":["a"]}]}"""
        );

        Assert.Equal("acquired", (await client.NextAsync()).State);
        Assert.Empty(spans);
    }
}

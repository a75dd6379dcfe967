// Who answers nothing: a plain connection lives on and is shown, an extended one has ended.
using System.Text.Json;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Tests.Wire.Frames;

public class SilenceTests
{
    private const int PingFrame = 0x89;

    [Fact]
    public async Task A_plain_connection_that_answers_nothing_is_pinged_on_and_on_and_never_broken_off()
    {
        var wire = new MemoryWire();
        using var heartbeats = new Heartbeats(Settings(), wire.Time);
        heartbeats.Add(wire.Server, isExtended: false);
        var listening = wire.Server.ReceiveAsync(new byte[10].AsMemory(), CancellationToken.None).AsTask();

        for (var second = 0; second < 3_600; second++)
        {
            wire.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(wire.IsAborted);
        Assert.False(listening.IsCompleted);
        Assert.Equal(1, heartbeats.Silent);
        Assert.InRange(heartbeats.SilentMs(wire.Server), 3_590_000, 3_600_000);
        var pings = new byte[2 * 300];
        await wire.ClientStream.ReadExactlyAsync(pings);
        Assert.All(pings.Chunk(2), ping => Assert.Equal([PingFrame, 0], ping));
    }

    [Fact]
    public async Task It_is_silent_no_more_as_soon_as_it_answers()
    {
        var wire = new MemoryWire();
        using var heartbeats = new Heartbeats(Settings(), wire.Time);
        heartbeats.Add(wire.Server, isExtended: false);
        var listening = wire.Server.ReceiveAsync(new byte[10].AsMemory(), CancellationToken.None).AsTask();
        Seconds(wire, 25);
        Assert.Equal(1, heartbeats.Silent);

        await wire.SendAsync(ClientFrame.Of(ClientFrame.Pong, []));

        await Eventually.HoldsAsync(() => Task.FromResult(heartbeats.SilentMs(wire.Server) == 0));
        Seconds(wire, 1);
        Assert.Equal(0, heartbeats.Silent);
        Assert.False(listening.IsCompleted);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void An_extended_connection_that_answers_nothing_is_broken_off_and_a_plain_one_where_a_setting_asks_for_it(
        bool isExtended,
        bool requirePong
    )
    {
        var wire = new MemoryWire();
        using var heartbeats = new Heartbeats(Settings() with { RequirePong = requirePong }, wire.Time);
        heartbeats.Add(wire.Server, isExtended);
        _ = wire.Server.ReceiveAsync(new byte[10].AsMemory(), CancellationToken.None).AsTask();

        Seconds(wire, 19);
        Assert.False(wire.IsAborted);

        Seconds(wire, 3);
        Assert.True(wire.IsAborted);
    }

    [Fact]
    public async Task An_extended_connection_that_answers_pings_is_never_broken_off()
    {
        var wire = new MemoryWire();
        using var heartbeats = new Heartbeats(Settings(), wire.Time);
        heartbeats.Add(wire.Server, isExtended: true);
        _ = wire.Server.ReceiveAsync(new byte[10].AsMemory(), CancellationToken.None).AsTask();
        var ping = new byte[2];

        for (var pings = 0; pings < 10; pings++)
        {
            Seconds(wire, 11);
            await wire.ClientStream.ReadExactlyAsync(ping).AsTask().WaitAsync(WireClient.WaitBound);
            await wire.SendAsync(ClientFrame.Of(ClientFrame.Pong, []));
            await HeardAsync(wire);
        }

        Assert.False(wire.IsAborted);
    }

    [Fact]
    public void A_client_that_takes_nothing_of_what_is_sent_is_broken_off()
    {
        var wire = new MemoryWire(clientBufferBytes: 1_000);
        using var heartbeats = new Heartbeats(Settings(), wire.Time);
        heartbeats.Add(wire.Server, isExtended: false);
        _ = wire
            .Server.SendAsync(
                new byte[2_000].AsMemory(),
                System.Net.WebSockets.WebSocketMessageType.Text,
                endOfMessage: true,
                default
            )
            .AsTask();

        Seconds(wire, 19);
        Assert.False(wire.IsAborted);

        Seconds(wire, 3);
        Assert.True(wire.IsAborted);
    }

    [Fact]
    public async Task A_holder_that_does_not_read_keeps_its_lock_beyond_both_timeouts_and_is_shown_as_silent()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                PingIntervalMs = 200,
                PingTimeoutMs = 1_000,
            }
        );
        var deaf = await node.ConnectAsync("deaf", abandonTimeoutMs: 0, answersPings: false);
        var waiter = await node.ConnectAsync("deaf");
        await deaf.SendLockAsync("x");
        await Eventually.HoldsAsync(async () =>
            (await node.Http.GetStringAsync(new Uri(node.Url, "/stats_v1?namespace=deaf"))).Contains("\"acquired\":1")
        );
        Assert.Equal("enqueued", (await waiter.LockAsync("x")).State);

        await Eventually.HoldsAsync(async () => await SilentMsAsync(node, "1") > 4_000);

        // On a busy machine the waiter's answers come late, all of them: it is heard again soon, the holder never.
        Assert.False(waiter.HasReply);
        await Eventually.HoldsAsync(async () => await SilentMsAsync(node, "2") is null);
        await Eventually.HoldsAsync(async () =>
            (await node.Http.GetStringAsync(new Uri(node.Url, "/metrics"))).Contains("raftlocks_connections_silent 1")
        );
        Assert.True(await SilentMsAsync(node, "1") > 4_000);
        await deaf.SendReleaseAsync();
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
    }

    // The server is not silent while it reads an answer, either: it has heard it when it listens again, a second later.
    private static Task HeardAsync(MemoryWire wire) =>
        Eventually.HoldsAsync(() =>
        {
            Seconds(wire, wire.Server.Silence == TimeSpan.Zero ? 1 : 0);
            return Task.FromResult(wire.Server.Silence == TimeSpan.FromSeconds(1));
        });

    private static void Seconds(MemoryWire wire, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            wire.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static NodeSettings Settings() =>
        new()
        {
            Name = "n1",
            ListenUrls = ["http://127.0.0.1:0"],
            DataDirectory = "/nowhere",
            Members = [new Member("n1", "127.0.0.1", 0, new Uri("http://a"), new Uri("http://a"))],
        };

    private static async Task<long?> SilentMsAsync(SingleNode node, string id)
    {
        using var answer = JsonDocument.Parse(
            await node.Http.GetStringAsync(new Uri(node.Url, "/v1/locks?namespace=deaf"))
        );
        var row = answer
            .RootElement.GetProperty("requests")
            .EnumerateArray()
            .Single(request => request.GetProperty("id").GetString() == id);
        return row.TryGetProperty("silentMs", out var ms) ? ms.GetInt64() : null;
    }
}

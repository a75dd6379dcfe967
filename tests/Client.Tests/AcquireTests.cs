// Asking, waiting, giving up, giving back: a scripted server, false time.
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class AcquireTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_lock_is_asked_for_as_the_protocol_has_it()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(
            [Write("orders", "42"), Read("prices")],
            new LockOptions { Label = "job-7" }
        );
        var wire = await client.AcceptReadyAsync();

        Assert.Equal(
            """{"channel":"1","action":"lock","ref":"1","label":"job-7","resources":[{"type":"write","path":["orders","42"]},{"type":"read","path":["prices"]}]}""",
            (await wire.HearAsync()).GetRawText()
        );
        wire.Say(ScriptedWire.Reply("1", 12, "lock", "acquired"));
        var held = await asking;

        Assert.Equal(12UL, held.FencingToken);
        Assert.Equal([Write("orders", "42"), Read("prices")], held.Resources);
    }

    [Fact]
    public async Task A_lock_that_waits_is_acquired_when_its_turn_comes()
    {
        await using var client = new ScriptedClient(options => options.ReportProgress = true);
        var places = new List<LockProgress>();
        var asking = client.Locks.AcquireAsync([Write("a")], new LockOptions { Progress = new Places(places) });
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("1", 5, "lock", "enqueued"));
        wire.Say(
            ScriptedWire.Reply(
                "1",
                5,
                "progress",
                "enqueued",
                ""","place":3,"blocker":{"id":"2","state":"acquired","label":"build-7","sinceMs":12000}"""
            )
        );
        await Eventually.HoldsAsync(
            "progress is told",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(places.Count > 0)
        );
        wire.Say(ScriptedWire.Reply("1", 5, "lock", "acquired"));
        await asking;

        Assert.Equal([new LockProgress(3, 2, "build-7", true, 12 * Second)], places);
    }

    [Fact]
    public async Task A_try_that_finds_it_busy_returns_null_and_the_channel_is_used_again()
    {
        await using var client = new ScriptedClient();
        var trying = client.Locks.TryAcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        Assert.Equal(0, (await wire.HearAsync("lock")).GetProperty("waitTimeoutMs").GetInt32());
        wire.Say("""{"channel":"1","action":"lock","state":"ready","reason":"busy"}""");
        Assert.Null(await trying);

        var again = client.Locks.TryAcquireAsync(Write("a"));
        Assert.Equal("1", await wire.GrantAsync(9));
        Assert.NotNull(await again);
    }

    [Fact]
    public async Task A_cancelled_wait_gives_up_its_place()
    {
        await using var client = new ScriptedClient();
        using var cancel = new CancellationTokenSource();
        var asking = client.Locks.AcquireAsync([Write("a")], cancellationToken: cancel.Token);
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "enqueued"));
        await wire.IsReadAsync();

        await cancel.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        await wire.ReleaseAsync(1);
    }

    [Fact]
    public async Task Cancelled_at_the_moment_of_the_grant_it_is_held_or_given_back()
    {
        await using var client = new ScriptedClient();
        ScriptedWire? wire = null;
        for (var id = 1UL; id <= 200; id++)
        {
            using var cancel = new CancellationTokenSource();
            var asking = client.Locks.AcquireAsync([Write("a")], cancel.Token);
            wire ??= await client.AcceptReadyAsync();
            var channel = (await wire.HearAsync("lock")).GetProperty("channel").GetString()!;

            var cancelling = Task.Run(cancel.Cancel);
            wire.Say(ScriptedWire.Reply(channel, id, "lock", "acquired"));
            await cancelling;

            try
            {
                (await asking).Dispose();
            }
            catch (OperationCanceledException e)
            {
                Assert.Equal(cancel.Token, e.CancellationToken);
            }

            await wire.ReleaseAsync(id);
        }
    }

    [Theory]
    [InlineData("acquired", true)]
    [InlineData("enqueued", true)]
    [InlineData("ready", false)]
    public async Task Cancelled_before_any_answer_it_is_given_back_when_the_answer_comes(string answer, bool releases)
    {
        await using var client = new ScriptedClient();
        using var cancel = new CancellationTokenSource();
        var asking = client.Locks.AcquireAsync([Write("a")], TimeSpan.Zero, cancel.Token);
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.True(wire.HeardNothing);

        wire.Say(ScriptedWire.Reply("1", 1, "lock", answer));
        if (releases)
        {
            await wire.ReleaseAsync(1);
        }

        await wire.IsReadAsync();
        var again = client.Locks.AcquireAsync(Write("b"));
        Assert.Equal("1", await wire.GrantAsync(2));
        await again;
    }

    [Fact]
    public async Task A_cluster_all_nodes_of_which_refuse_the_client_is_told_long_before_the_reach_timeout()
    {
        await using var client = new ScriptedClient();
        client.Refuse(
            new Wire.ConnectException("http://a:1 refuses this client (400): no such parameter", isFinal: true)
        );
        var startedAt = client.Clock.GetTimestamp();
        var asking = client.Locks.AcquireAsync(Write("a"));

        await client.PassUntilAsync("it is told", TimeSpan.FromMilliseconds(10), () => asking.IsCompleted);

        Assert.True(client.Clock.GetElapsedTime(startedAt) < TimeSpan.FromSeconds(20));
        var refused = await Assert.ThrowsAsync<LockRefusedException>(() => asking);
        Assert.Equal(RefusalReason.ClientRefused, refused.Reason);
        Assert.Contains("no such parameter", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_for_which_the_server_closes_is_refused_and_not_sent_again()
    {
        await using var client = new ScriptedClient();
        var wrong = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Close(3000, "resources[0].path is too long");

        // One node alone is not believed: the other address is asked too.
        var other = await client.AcceptReadyAsync();
        await other.HearAsync("lock");
        other.Close(3000, "resources[0].path is too long");

        var refused = await Assert.ThrowsAsync<LockRefusedException>(() => wrong);
        Assert.Contains("path is too long", refused.Message, StringComparison.Ordinal);

        // In doubt: the next connection says that it is not there, and nothing is asked for.
        var next = await client.AcceptReadyAsync();
        await next.IsReadAsync();
        Assert.True(next.HeardNothing);
    }

    [Fact]
    public async Task No_more_locks_than_were_allowed_and_a_clear_word_for_the_next()
    {
        await using var client = new ScriptedClient(options => options.MaxLocks = 1);
        var first = client.Locks.AcquireAsync(Write("a"));
        var refused = await Assert.ThrowsAsync<LockRefusedException>(() => client.Locks.AcquireAsync(Write("b")));
        Assert.Contains("MaxLocks", refused.Message, StringComparison.Ordinal);
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        await first;
    }

    [Fact]
    public async Task A_downgrade_completes_when_the_cluster_says_so()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(3);
        var held = await asking;

        var downgrading = held.DowngradeAsync();
        await wire.HearAsync("downgrade");
        Assert.False(downgrading.IsCompleted);
        wire.Say(ScriptedWire.Reply("1", 3, "downgrade", "acquired"));

        await downgrading;
        Assert.False(held.IsLost);
    }

    [Fact]
    public async Task A_client_that_ends_gives_everything_back_and_fails_who_waits()
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = 10 * Second);
        var first = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        var held = await first;
        var waiting = client.Locks.AcquireAsync(Write("a"));
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("2", 2, "lock", "enqueued"));
        await wire.IsReadAsync();

        var ending = client.DisposeAsync();
        await wire.ReleaseAsync(1);
        await wire.ReleaseAsync(2);
        await ending;

        Assert.True(held.IsLost);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.Locks.AcquireAsync(Write("b")));
        Assert.True(wire.IsAborted);
    }

    [Fact]
    public void What_the_server_would_refuse_is_refused_here_already()
    {
        Assert.Throws<ArgumentException>(() => Write());
        Assert.Throws<ArgumentException>(() => Read("\ud800"));
        Assert.Throws<ArgumentException>(() => Write(new string('x', 1025)));
        Assert.Throws<ArgumentException>(() => Write([.. Enumerable.Repeat("a", 65)]));
        Assert.Throws<ArgumentNullException>(() => Write("a", null!));
    }

    [Theory]
    [InlineData("a/b/c", new[] { "a", "b", "c" })]
    [InlineData(@"a\/b/c", new[] { "a/b", "c" })]
    [InlineData(@"a\\/b", new[] { @"a\", "b" })]
    [InlineData("a//b", new[] { "a", "", "b" })]
    [InlineData("", new[] { "" })]
    public void Paths_are_written_with_slashes_and_every_path_can_be(string text, string[] segments)
    {
        Assert.Equal(segments, LockPath.Parse(text));
        Assert.Equal(text, LockPath.Format(segments));
    }

    [Fact]
    public void A_backslash_that_escapes_nothing_is_told() =>
        Assert.Throws<FormatException>(() => LockPath.Parse(@"a\b"));

    private sealed class Places(List<LockProgress> places) : IProgress<LockProgress>
    {
        public void Report(LockProgress value) => places.Add(value);
    }
}

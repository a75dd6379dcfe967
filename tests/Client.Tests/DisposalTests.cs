// A client ends: it never throws, never leaves a lock, and does not call lost what was given back.
using Microsoft.Extensions.DependencyInjection;
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class DisposalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_no_time_left_the_release_is_still_sent_before_the_connection_is_closed(bool blocks)
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.Zero);
        var (wire, held) = await HoldAsync(client);

        await EndAsync(client, blocks);

        await wire.HearAsync("release");
        Assert.True(wire.IsAborted);
        Assert.Equal(LockLossCause.ClientDisposed, held.LossCause);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lock_that_was_asked_for_and_not_answered_is_given_back_unseen(bool blocks)
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.Zero);
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");

        await EndAsync(client, blocks);

        await wire.HearAsync("release");
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_given_back_before_is_not_told_as_lost(bool isConfirmed)
    {
        var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        held.Dispose();
        await wire.HearAsync("release");
        if (isConfirmed)
        {
            wire.Say(ScriptedWire.Reply("1", 7, "release", "ready"));
            await wire.IsReadAsync();
        }

        await client.DisposeAsync();

        Assert.False(held.IsLost);
        Assert.Equal(LockLossCause.None, held.LossCause);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task It_waits_for_the_confirmation_up_to_the_release_timeout()
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.FromSeconds(10));
        var (wire, _) = await HoldAsync(client);

        var ending = client.DisposeAsync().AsTask();
        await wire.HearAsync("release");
        Assert.False(ending.IsCompleted);
        Assert.False(wire.IsAborted);
        await client.PassUntilAsync("its time is over", TimeSpan.FromSeconds(1), () => ending.IsCompleted);

        await ending;
    }

    [Fact]
    public async Task A_lock_is_given_back_over_a_new_connection_where_the_old_one_is_gone()
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.FromSeconds(60));
        var (wire, _) = await HoldAsync(client);
        wire.Close(1012, "no longer leads");
        var ending = client.DisposeAsync().AsTask();

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.ReleaseAsync(7);

        await ending.WaitAsync(Bound);
    }

    [Fact]
    public async Task It_may_be_disposed_of_again_and_at_the_same_time_both_ways()
    {
        var client = new ScriptedClient();
        await HoldAsync(client);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => EndAsync(client, i % 2 == 0))))
            .WaitAsync(Bound);

        await client.DisposeAsync();
        client.Locks.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_was_never_used_ends_at_once(bool blocks)
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.FromSeconds(60));

        await EndAsync(client, blocks).WaitAsync(Bound);

        Assert.Empty(client.Asked);
    }

    [Fact]
    public async Task A_client_that_waits_for_a_node_that_says_nothing_ends_at_once()
    {
        var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptAsync();

        await client.DisposeAsync().AsTask().WaitAsync(Bound);

        Assert.True(wire.IsAborted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_ends_though_its_connection_never_takes_the_good_bye(bool blocks)
    {
        var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        using var gate = new ManualResetEventSlim();
        wire.CloseWaits = gate;

        var ending = EndAsync(client, blocks);
        await client.PassUntilAsync("it has ended", TimeSpan.FromMilliseconds(100), () => ending.IsCompleted);

        Assert.Equal(LockLossCause.ClientDisposed, held.LossCause);
        gate.Set();
    }

    [Fact]
    public async Task A_client_that_pauses_between_attempts_ends_at_once()
    {
        var client = new ScriptedClient();
        client.Refuse(new Wire.ConnectException("nobody there"));
        var asking = client.Locks.AcquireAsync(Write("a"));
        await Eventually.HoldsAsync("it has tried", Bound, () => Task.FromResult(client.Asked.Count > 0));

        await client.DisposeAsync().AsTask().WaitAsync(Bound);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
    }

    [Fact]
    public async Task A_lock_may_be_disposed_of_after_its_client_and_calls_fail_with_one_kind_of_exception()
    {
        var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.FromHours(1));
        var (wire, held) = await HoldAsync(client);
        var ending = client.DisposeAsync().AsTask();
        await wire.ReleaseAsync(7);
        await ending.WaitAsync(Bound);

        await held.DisposeAsync().AsTask().WaitAsync(Bound);
        held.Dispose();
        await Assert.ThrowsAsync<LockLostException>(() => held.DowngradeAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.Locks.AcquireAsync(Write("b")));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.Locks.TryAcquireAsync(Write("b")));
        Assert.False(client.Locks.IsConnected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_container_may_be_disposed_of_either_way(bool blocks)
    {
        var services = new ServiceCollection()
            .AddRaftLocks(options =>
            {
                options.Nodes = [new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}")];
                options.ReleaseTimeout = TimeSpan.FromMilliseconds(50);
            })
            .Services.BuildServiceProvider();
        var asking = services.GetRequiredService<IRaftLocksClient>().AcquireAsync(Write("a"));

        if (blocks)
        {
            services.Dispose();
        }
        else
        {
            await services.DisposeAsync();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
    }

    private static async Task EndAsync(ScriptedClient client, bool blocks)
    {
        if (blocks)
        {
            await Task.Factory.StartNew(client.Locks.Dispose, TaskCreationOptions.LongRunning);
        }
        else
        {
            await client.DisposeAsync();
        }
    }

    private static async Task<(ScriptedWire Wire, IHeldLock Held)> HoldAsync(ScriptedClient client)
    {
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(7);
        return (wire, await asking);
    }
}

// Code of the application runs neither under the client's locks nor on its threads: what throws or blocks there costs
// nobody else a lock.
using Microsoft.Extensions.Logging;
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class UserCodeTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_progress_callback_that_throws_costs_nobody_a_lock()
    {
        await using var client = new ScriptedClient(options => options.ReportProgress = true);
        var calls = 0;
        var asking = client.Locks.AcquireAsync(
            [Write("a")],
            new LockOptions
            {
                Progress = new Calls(_ =>
                {
                    calls++;
                    throw new FormatException("the application's mistake");
                }),
            }
        );
        var wire = await EnqueuedAsync(client);
        wire.Say(Progress(1));
        await TrueAsync("it is told", () => calls == 1);
        wire.Say(Progress(2));
        await TrueAsync("it is told again", () => calls == 2);

        await AnotherLockAsync(client, wire);
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "acquired"));
        Assert.False((await asking.WaitAsync(Bound)).IsLost);
    }

    [Fact]
    public async Task A_progress_callback_that_blocks_costs_nobody_a_lock_and_hears_of_the_newest_position_afterwards()
    {
        await using var client = new ScriptedClient(options => options.ReportProgress = true);
        using var gate = new ManualResetEventSlim();
        var places = new List<int>();
        var asking = client.Locks.AcquireAsync(
            [Write("a")],
            new LockOptions
            {
                Progress = new Calls(progress =>
                {
                    lock (places)
                    {
                        places.Add(progress.Place);
                    }

                    gate.Wait(Bound);
                }),
            }
        );
        var wire = await EnqueuedAsync(client);
        wire.Say(Progress(9));
        await TrueAsync("it is told", () => Count(places) == 1);
        wire.Say(Progress(8));
        wire.Say(Progress(7));
        wire.Say(Progress(6));
        await AnotherLockAsync(client, wire);

        gate.Set();
        await TrueAsync("it is told the newest", () => Count(places) == 2);

        Assert.Equal([9, 6], places);
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "acquired"));
        await asking.WaitAsync(Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_progress_callback_may_dispose_of_the_client_and_block_on_that(bool isConfirmed)
    {
        // Time stands still for whoever awaits; whoever blocks waits for the release timeout in real time.
        var client = new ScriptedClient(options =>
        {
            options.ReportProgress = true;
            options.ReleaseTimeout = isConfirmed ? TimeSpan.FromHours(1) : TimeSpan.FromMilliseconds(100);
        });
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asking = client.Locks.AcquireAsync(
            [Write("a")],
            new LockOptions
            {
                Progress = new Calls(_ =>
                {
                    client.Locks.Dispose();
                    ended.SetResult();
                }),
            }
        );
        var wire = await EnqueuedAsync(client);
        wire.Say(Progress(1));
        await wire.HearAsync("release");
        if (isConfirmed)
        {
            wire.Say(ScriptedWire.Reply("1", 1, "release", "ready"));
        }

        await ended.Task.WaitAsync(Bound);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
        Assert.True(wire.IsAborted);
    }

    [Fact]
    public async Task A_position_is_not_told_any_more_when_the_lock_is_acquired()
    {
        await using var client = new ScriptedClient(options => options.ReportProgress = true);
        using var gate = new ManualResetEventSlim();
        var calls = 0;
        var asking = client.Locks.AcquireAsync(
            [Write("a")],
            new LockOptions
            {
                Progress = new Calls(_ =>
                {
                    Interlocked.Increment(ref calls);
                    gate.Wait(Bound);
                }),
            }
        );
        var wire = await EnqueuedAsync(client);
        wire.Say(Progress(2));
        await TrueAsync("it is told", () => Volatile.Read(ref calls) == 1);
        wire.Say(Progress(1));
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "acquired"));
        await asking.WaitAsync(Bound);

        gate.Set();
        await AnotherLockAsync(client, wire);

        Assert.Equal(1, calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_callback_of_a_lost_lock_s_token_that_throws_or_blocks_costs_nobody_a_lock(bool throws)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        var held = await asking;
        using var gate = new ManualResetEventSlim();
        var isCalled = false;
        await using var registration = held.Lost.Register(() =>
        {
            Volatile.Write(ref isCalled, true);
            if (throws)
            {
                throw new FormatException("the application's mistake");
            }

            gate.Wait(Bound);
        });

        wire.Say(ScriptedWire.Reply("1", 1, "revoke", "ready", ""","reason":"now" """));

        await TrueAsync("it is called", () => Volatile.Read(ref isCalled));
        await AnotherLockAsync(client, wire);
        gate.Set();
    }

    [Fact]
    public async Task A_callback_of_an_operator_s_request_may_take_another_lock_and_block_on_it()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        var held = await asking;
        IHeldLock? other = null;
        await using var registration = held.RevocationRequested.Register(() =>
            other = client.Locks.AcquireAsync(Write("b")).GetAwaiter().GetResult()
        );

        wire.Say(ScriptedWire.Reply("1", 1, "revoke", "acquired", ""","reason":"soon","graceMs":10000"""));
        await wire.GrantAsync(2);

        await TrueAsync("it has it", () => other is not null);
        Assert.Equal("soon", held.RevocationReason);
    }

    [Fact]
    public async Task What_comes_after_an_await_may_block_on_another_lock()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));

        // A continuation that wants to run at once, on whatever thread completes the task.
        var after = asking.ContinueWith(
            _ => client.Locks.AcquireAsync(Write("b")).GetAwaiter().GetResult(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        await wire.GrantAsync(2);

        Assert.Equal(2UL, (await after.WaitAsync(Bound)).FencingToken);
    }

    [Fact]
    public async Task A_synchronisation_context_that_runs_everything_at_once_does_not_get_hold_of_the_client_s_thread()
    {
        await using var client = new ScriptedClient();
        var asked = new TaskCompletionSource<Task<ulong>>();
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new AtOnce());
            asked.SetResult(BothAsync());
        });
        thread.Start();
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        await wire.GrantAsync(2);

        Assert.Equal(2UL, await (await asked.Task).WaitAsync(Bound));

        async Task<ulong> BothAsync()
        {
            await client.Locks.AcquireAsync(Write("a"));
            return client.Locks.AcquireAsync(Write("b")).GetAwaiter().GetResult().FencingToken;
        }
    }

    [Fact]
    public async Task A_caller_may_cancel_one_wait_from_the_callback_of_another()
    {
        await using var client = new ScriptedClient();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        await using var chained = first.Token.Register(second.Cancel);
        var one = client.Locks.AcquireAsync([Write("a")], first.Token);
        var other = client.Locks.AcquireAsync([Write("b")], second.Token);

        await first.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_throws_or_blocks_costs_nobody_a_lock(bool throws)
    {
        using var gate = new ManualResetEventSlim();
        await using var client = new ScriptedClient(
            log: new FakeLog(() =>
            {
                if (throws)
                {
                    throw new FormatException("the application's mistake");
                }

                gate.Wait(Bound);
            })
        );
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        await asking.WaitAsync(Bound);
        wire.Close(1012, "no longer leads");
        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 1, "1"));

        await AnotherLockAsync(client, next);
        gate.Set();
    }

    private static string Progress(int place) =>
        ScriptedWire.Reply("1", 1, "progress", "enqueued", $",\"place\":{place}");

    private static async Task<ScriptedWire> EnqueuedAsync(ScriptedClient client)
    {
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "enqueued"));
        return wire;
    }

    private static async Task AnotherLockAsync(ScriptedClient client, ScriptedWire wire)
    {
        var other = client.Locks.AcquireAsync(Write("another"));
        await wire.GrantAsync(77);
        Assert.False((await other.WaitAsync(Bound)).IsLost);
    }

    private static int Count(List<int> list)
    {
        lock (list)
        {
            return list.Count;
        }
    }

    private static Task TrueAsync(string what, Func<bool> isSo) =>
        Eventually.HoldsAsync(what, Bound, () => Task.FromResult(isSo()));

    private sealed class Calls(Action<LockProgress> call) : IProgress<LockProgress>
    {
        public void Report(LockProgress value) => call(value);
    }

    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }

    private sealed class FakeLog(Action write) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => write();
    }
}

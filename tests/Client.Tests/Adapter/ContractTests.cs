// What DistributedLock's documentation and its users rely on, for each kind of primitive: arguments, timeouts,
// cancellation, handles in every state. Against a real node.
using Medallion.Threading;
using RaftLocks.Client.DistributedLock;
using RaftLocks.Client.Tests.Real;

namespace RaftLocks.Client.Tests.Adapter;

[Collection(OneNodeTests.Name)]
[Trait("Category", "Slow")]
public sealed class ContractTests(OneNode node) : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly RaftLocksClient client = node.Client($"contract-{Guid.NewGuid():N}");

    public static TheoryData<string> Kinds => ["lock", "read", "write", "semaphore"];

    public static TheoryData<string, TimeSpan> BadTimeouts
    {
        get
        {
            var data = new TheoryData<string, TimeSpan>();
            foreach (var kind in new[] { "lock", "read", "write", "semaphore" })
            {
                data.Add(kind, TimeSpan.FromSeconds(-2));
                data.Add(kind, TimeSpan.FromTicks(-1));
                data.Add(kind, TimeSpan.MinValue);
                data.Add(kind, Longest + TimeSpan.FromMilliseconds(1));
                data.Add(kind, TimeSpan.MaxValue);
            }

            return data;
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await client.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadTimeouts))]
    public void Bad_timeouts_throw_at_the_call_in_all_four_forms(string kind, TimeSpan timeout)
    {
        var one = Make(kind, "a");

        Assert.Throws<ArgumentOutOfRangeException>(() => one.TryAcquire(timeout, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => one.Acquire(timeout, default));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = one.TryAcquireAsync(timeout, default).AsTask();
        });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = one.AcquireAsync(timeout, default).AsTask();
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task All_timeouts_from_zero_to_int_MaxValue_ms_and_infinite_are_good(string kind)
    {
        foreach (
            var timeout in new[]
            {
                TimeSpan.Zero,
                TimeSpan.FromTicks(1),
                TimeSpan.FromSeconds(1),
                TimeSpan.FromDays(8),
                Longest,
                Timeout.InfiniteTimeSpan,
            }
        )
        {
            using (var handle = Make(kind, "a").TryAcquire(timeout, default))
            {
                Assert.NotNull(handle);
            }

            await using (await Make(kind, "a").AcquireAsync(timeout, default)) { }
        }

        using (Make(kind, "a").Acquire(null, default)) { }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_wait_with_the_longest_timeout_gets_the_lock_when_it_is_released(string kind)
    {
        var held = await HoldAllAsync(kind, "a");
        var waiting = Make(kind, "a").AcquireAsync(Longest, default).AsTask();
        Assert.False(waiting.IsCompleted);

        await held.DisposeAsync();

        await (await waiting.WaitAsync(Bound)).DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_held_is_null_for_Try_and_a_TimeoutException_for_Acquire(string kind)
    {
        await using var held = await HoldAllAsync(kind, "a");
        var one = Make(kind, "a");

        Assert.Null(one.TryAcquire(default, default));
        Assert.Null(one.TryAcquire(TimeSpan.FromMilliseconds(30), default));
        Assert.Null(await one.TryAcquireAsync(default, default));
        Assert.Null(await one.TryAcquireAsync(TimeSpan.FromMilliseconds(30), default));
        Assert.Contains(
            "'a'",
            Assert.Throws<TimeoutException>(() => one.Acquire(TimeSpan.Zero, default)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<TimeoutException>(() => one.Acquire(TimeSpan.FromMilliseconds(30), default));
        await Assert.ThrowsAsync<TimeoutException>(() => one.AcquireAsync(TimeSpan.Zero, default).AsTask());
        await Assert.ThrowsAsync<TimeoutException>(() =>
            one.AcquireAsync(TimeSpan.FromMilliseconds(30), default).AsTask()
        );
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_token_that_is_cancelled_already_cancels_every_form_though_it_is_free(string kind)
    {
        var cancelled = new CancellationToken(canceled: true);
        var one = Make(kind, "a");

        Assert.ThrowsAny<OperationCanceledException>(() => one.TryAcquire(default, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => one.Acquire(null, cancelled));
        Assert.True(one.TryAcquireAsync(default, cancelled).AsTask().IsCanceled);
        Assert.True(one.AcquireAsync(null, cancelled).AsTask().IsCanceled);
        await using var free = await one.TryAcquireAsync(default, default);
        Assert.NotNull(free);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_wait_that_is_cancelled_leaves_nothing_behind(string kind)
    {
        var held = await HoldAllAsync(kind, "a");
        using var cancel = new CancellationTokenSource();
        var waiting = Make(kind, "a").AcquireAsync(null, cancel.Token).AsTask();
        var blocked = Task.Factory.StartNew(
            () => Make(kind, "a").Acquire(Bound, cancel.Token),
            TaskCreationOptions.LongRunning
        );

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
        await held.DisposeAsync();
        await using var free = await HoldAllAsync(kind, "a");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handle_may_be_disposed_of_in_every_way_as_often_as_one_likes(string kind)
    {
        var one = await Make(kind, "a").AcquireAsync(null, default);
        one.Dispose();
        one.Dispose();
        await one.DisposeAsync();
        var other = await Make(kind, "a").AcquireAsync(null, default);
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    Task.Run(async () =>
                    {
                        if (i % 2 == 0)
                        {
                            other.Dispose();
                        }
                        else
                        {
                            await other.DisposeAsync();
                        }
                    })
                )
        );

        await using var all = await HoldAllAsync(kind, "a");
        Assert.Throws<ObjectDisposedException>(() => one.HandleLostToken);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            _ = ((RaftLocksHandle)other).DowngradeAsync();
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_token_got_before_the_disposal_is_not_cancelled_by_it(string kind)
    {
        var handle = await Make(kind, "a").AcquireAsync(null, default);
        var token = handle.HandleLostToken;

        await handle.DisposeAsync();

        Assert.True(token.CanBeCanceled);
        Assert.False(token.IsCancellationRequested);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handle_whose_lock_is_lost_is_told_and_may_be_disposed_of(string kind)
    {
        await using var other = node.Client(client.Namespace);
        var handle = await new Primitive(
            kind,
            "a",
            new RaftLocksDistributedSynchronizationProvider(other)
        ).AcquireAsync(null, default);
        var told = new TaskCompletionSource();
        await using var registration = handle.HandleLostToken.Register(told.SetResult);

        await other.DisposeAsync();

        await told.Task.WaitAsync(Bound);
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
        handle.Dispose();
        await handle.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handle_that_is_forgotten_is_released_after_its_collection(string kind)
    {
        Forget(kind);

        await Eventually.HoldsAsync(
            "it is free",
            Bound,
            async () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await using var free = await TryHoldAllAsync(kind, "forgotten");
                return free is not null;
            }
        );
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handle_that_is_still_used_survives_collections(string kind)
    {
        await using var handle = await Make(kind, "used").AcquireAsync(null, default);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Null(await TryHoldAllAsync(kind, "used"));
    }

    [Fact]
    public void Names_and_counts_are_as_given_and_wrong_ones_throw_at_once()
    {
        var provider = new RaftLocksDistributedSynchronizationProvider(client);

        Assert.Equal("n", provider.CreateReaderWriterLock("n").Name);
        Assert.Equal(("s", 7), (provider.CreateSemaphore("s", 7).Name, provider.CreateSemaphore("s", 7).MaxCount));
        Assert.Throws<ArgumentNullException>(() => provider.CreateReaderWriterLock(null!));
        Assert.Throws<ArgumentNullException>(() => provider.CreateSemaphore(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => provider.CreateSemaphore("s", -1));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            provider.CreateSemaphore("s", RaftLocksDistributedSemaphore.MostTickets + 1)
        );
        Assert.Throws<ArgumentNullException>(() => new RaftLocksDistributedSynchronizationProvider(null!));
        Assert.Throws<ArgumentNullException>(() =>
        {
            _ = provider.AcquireAllLocksAsync(null!).AsTask();
        });
        Assert.Throws<ArgumentNullException>(() =>
        {
            _ = provider.AcquireAllLocksAsync(["a", null!]).AsTask();
        });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = provider.TryAcquireAllLocksAsync(["a"], TimeSpan.FromSeconds(-3)).AsTask();
        });
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public async Task A_semaphore_with_a_short_timeout_finds_the_one_ticket_that_is_free(int tickets)
    {
        var semaphore = new RaftLocksDistributedSynchronizationProvider(client).CreateSemaphore("little", tickets);
        var held = new List<IDistributedSynchronizationHandle>();
        for (var i = 1; i < tickets; i++)
        {
            held.Add(await semaphore.AcquireAsync());
        }

        foreach (
            var timeout in new[]
            {
                TimeSpan.FromTicks(1),
                TimeSpan.FromMilliseconds(1),
                TimeSpan.FromMilliseconds(5),
                TimeSpan.FromMilliseconds(50),
                TimeSpan.FromSeconds(20),
            }
        )
        {
            await using (var free = await semaphore.TryAcquireAsync(timeout))
            {
                Assert.NotNull(free);
            }

            using var blocking = semaphore.TryAcquire(timeout);
            Assert.NotNull(blocking);
        }

        held.ForEach(handle => handle.Dispose());
    }

    [Fact]
    public async Task A_semaphore_s_blocking_caller_waits_in_the_same_queue_as_others()
    {
        var semaphore = new RaftLocksDistributedSynchronizationProvider(client).CreateSemaphore("queue", 2);
        var held = new[] { await semaphore.AcquireAsync(), await semaphore.AcquireAsync() };
        var blocked = Task.Factory.StartNew(() => semaphore.Acquire(Bound), TaskCreationOptions.LongRunning);
        await Eventually.HoldsAsync(
            "it asks for both",
            Bound,
            async () => (await node.Node.Http.StatsAsync(client.Namespace))?.GetProperty("live").GetInt32() == 2 + 1 + 2
        );

        await held[1].DisposeAsync();

        (await blocked.WaitAsync(Bound)).Dispose();
        await held[0].DisposeAsync();
    }

    // In a method of its own, so that no variable keeps it.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void Forget(string kind) => Assert.NotNull(Make(kind, "forgotten").Acquire(null, default));

    private Primitive Make(string kind, string name) =>
        new(kind, name, new RaftLocksDistributedSynchronizationProvider(client));

    /// <summary>Holds it so that no other may: a reader's lock by a writer, the only ticket of a semaphore.</summary>
    private ValueTask<IDistributedSynchronizationHandle> HoldAllAsync(string kind, string name) =>
        Make(kind == "read" ? "write" : kind, name).AcquireAsync(null, default);

    private ValueTask<IDistributedSynchronizationHandle?> TryHoldAllAsync(string kind, string name) =>
        Make(kind == "read" ? "write" : kind, name).TryAcquireAsync(default, default);

    /// <summary>The four forms of each primitive.</summary>
    private sealed class Primitive(string kind, string name, RaftLocksDistributedSynchronizationProvider provider)
    {
        public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout, CancellationToken token) =>
            kind switch
            {
                "lock" => provider.CreateLock(name).TryAcquire(timeout, token),
                "read" => provider.CreateReaderWriterLock(name).TryAcquireReadLock(timeout, token),
                "write" => provider.CreateReaderWriterLock(name).TryAcquireWriteLock(timeout, token),
                _ => provider.CreateSemaphore(name, 1).TryAcquire(timeout, token),
            };

        public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout, CancellationToken token) =>
            kind switch
            {
                "lock" => provider.CreateLock(name).Acquire(timeout, token),
                "read" => provider.CreateReaderWriterLock(name).AcquireReadLock(timeout, token),
                "write" => provider.CreateReaderWriterLock(name).AcquireWriteLock(timeout, token),
                _ => provider.CreateSemaphore(name, 1).Acquire(timeout, token),
            };

        public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(
            TimeSpan timeout,
            CancellationToken token
        ) =>
            kind switch
            {
                "lock" => provider.CreateLock(name).TryAcquireAsync(timeout, token),
                "read" => provider.CreateReaderWriterLock(name).TryAcquireReadLockAsync(timeout, token),
                "write" => provider.CreateReaderWriterLock(name).TryAcquireWriteLockAsync(timeout, token),
                _ => provider.CreateSemaphore(name, 1).TryAcquireAsync(timeout, token),
            };

        public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout, CancellationToken token) =>
            kind switch
            {
                "lock" => provider.CreateLock(name).AcquireAsync(timeout, token),
                "read" => provider.CreateReaderWriterLock(name).AcquireReadLockAsync(timeout, token),
                "write" => provider.CreateReaderWriterLock(name).AcquireWriteLockAsync(timeout, token),
                _ => provider.CreateSemaphore(name, 1).AcquireAsync(timeout, token),
            };
    }
}

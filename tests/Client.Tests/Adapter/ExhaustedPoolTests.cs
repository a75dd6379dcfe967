// Callers that block all threads of the pool: what completes their calls must not need one. The pool of this process is
// kept at as few threads as there are processors, so that a call that needed another one would never end.
using Medallion.Threading;
using RaftLocks.Client.DistributedLock;
using RaftLocks.Client.Tests.Real;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests.Adapter;

[Collection(ExhaustedPool.Name)]
[Trait("Category", "Slow")]
public sealed class ExhaustedPoolTests(OneNode node) : IClassFixture<OneNode>, IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly RaftLocksClient client = node.Client(
        $"pool-{Guid.NewGuid():N}",
        options => options.ReachTimeout = Bound
    );

    private RaftLocksDistributedSynchronizationProvider Provider => new(client);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await client.DisposeAsync();

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void Blocking_callers_of_one_lock_all_get_through_one_after_the_other(int callers)
    {
        var counter = 0;
        ExhaustedPool.Run(
            callers,
            () =>
            {
                using var handle = Provider.CreateLock("counter").Acquire(Bound);
                var seen = counter;
                Thread.Yield();
                counter = seen + 1;
            }
        );

        Assert.Equal(callers, counter);
    }

    [Fact]
    public void Blocking_callers_of_locks_of_their_own_all_get_through()
    {
        var next = 0;
        ExhaustedPool.Run(
            200,
            () =>
            {
                using var handle = Provider.CreateLock($"{Interlocked.Increment(ref next)}").TryAcquire(Bound);
                Assert.NotNull(handle);
            }
        );
    }

    [Fact]
    public void Blocking_readers_and_writers_all_get_through()
    {
        var next = 0;
        ExhaustedPool.Run(
            100,
            () =>
            {
                var both = Provider.CreateReaderWriterLock("both");
                using var handle =
                    Interlocked.Increment(ref next) % 4 == 0
                        ? both.AcquireWriteLock(Bound)
                        : both.AcquireReadLock(Bound);
            }
        );
    }

    [Fact]
    public void Blocking_callers_of_a_semaphore_all_get_through()
    {
        var holders = 0;
        ExhaustedPool.Run(
            60,
            () =>
            {
                using var handle = Provider.CreateSemaphore("slots", 3).Acquire(Bound);
                Assert.InRange(Interlocked.Increment(ref holders), 1, 3);
                Interlocked.Decrement(ref holders);
            }
        );
    }

    [Fact]
    public void Whoever_blocks_on_the_asynchronous_calls_gets_through_too()
    {
        ExhaustedPool.Run(
            100,
            () =>
            {
                var held = client.AcquireAsync([Write("a")], Bound).GetAwaiter().GetResult();
                held.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        );
    }

    [Fact]
    public void A_client_that_connects_for_the_first_time_does_so()
    {
        ExhaustedPool.Run(
            50,
            () =>
            {
                using var fresh = node.Client("fresh");
                using var handle = new RaftLocksDistributedSynchronizationProvider(fresh)
                    .CreateLock("a")
                    .Acquire(Bound);
            }
        );
    }

    [Fact]
    public async Task Timeouts_end_in_time()
    {
        using var holder = node.Client(client.Namespace);
        using var held = await holder.AcquireAsync(Write("distributed-lock", "locks", "held"));
        ExhaustedPool.Run(
            20,
            () =>
                Assert.Throws<TimeoutException>(() =>
                    Provider.CreateLock("held").Acquire(TimeSpan.FromMilliseconds(100))
                )
        );
    }

    [Fact]
    public async Task A_cancellation_ends_all_waits()
    {
        using var holder = node.Client(client.Namespace);
        using var held = await holder.AcquireAsync(Write("distributed-lock", "locks", "held"));
        using var cancel = new CancellationTokenSource();
        var waiting = 0;
        var canceller = new Thread(() =>
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref waiting) >= ExhaustedPool.Threads);
            cancel.Cancel();
        });
        canceller.Start();

        ExhaustedPool.Run(
            20,
            () =>
            {
                Interlocked.Increment(ref waiting);
                Assert.ThrowsAny<OperationCanceledException>(() =>
                    Provider.CreateLock("held").Acquire(Bound, cancel.Token)
                );
            }
        );
        canceller.Join();
    }
}

/// <summary>Tests that change the thread pool of the whole process: they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExhaustedPool
{
    public const string Name = "exhausted pool";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    public static int Threads => Environment.ProcessorCount;

    /// <summary>Runs something so often on the thread pool, with no more threads than processors.</summary>
    public static void Run(int times, Action action)
    {
        ThreadPool.GetMinThreads(out var minWorkers, out var minPorts);
        ThreadPool.GetMaxThreads(out var maxWorkers, out var maxPorts);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            using var all = new CountdownEvent(times);
            for (var i = 0; i < times; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        try
                        {
                            action();
                        }
                        catch (Exception e)
                        {
                            Volatile.Write(ref failure, e);
                        }

                        all.Signal();
                    },
                    null
                );
            }

            if (!all.Wait(Bound))
            {
                Volatile.Write(
                    ref failure,
                    new TimeoutException($"{all.CurrentCount} of {times} callers did not get through in {Bound}.")
                );
            }
        });
        try
        {
            // Those that the test framework blocks, this method's own among them, don't count.
            ThreadPool.GetAvailableThreads(out var free, out _);
            Assert.True(
                ThreadPool.SetMinThreads(1, minPorts) && ThreadPool.SetMaxThreads(maxWorkers - free + Threads, maxPorts)
            );
            thread.Start();
            thread.Join();
        }
        finally
        {
            ThreadPool.SetMaxThreads(maxWorkers, maxPorts);
            ThreadPool.SetMinThreads(minWorkers, minPorts);
        }

        Assert.Null(failure);
    }
}

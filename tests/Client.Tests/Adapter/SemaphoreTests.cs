// A semaphore made of locks: never more holders than tickets, first come first served, no ticket is forgotten.
using Medallion.Threading;
using RaftLocks.Client.DistributedLock;
using RaftLocks.Client.Tests.Real;

namespace RaftLocks.Client.Tests.Adapter;

[Collection(OneNodeTests.Name)]
[Trait("Category", "Slow")]
public sealed class SemaphoreTests(OneNode node) : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly RaftLocksClient client = node.Client($"semaphore-{Guid.NewGuid():N}");

    private IDistributedSemaphoreProvider Semaphores => new RaftLocksDistributedSynchronizationProvider(client);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await client.DisposeAsync();

    [Fact]
    public async Task There_are_as_many_tickets_as_were_said()
    {
        var semaphore = Semaphores.CreateSemaphore("s", 3);
        Assert.Equal(("s", 3), (semaphore.Name, semaphore.MaxCount));
        var handles = new List<IDistributedSynchronizationHandle>();
        for (var i = 0; i < 3; i++)
        {
            handles.Add((await semaphore.TryAcquireAsync())!);
        }

        Assert.DoesNotContain(null, handles);
        Assert.Null(await semaphore.TryAcquireAsync());
        await Assert.ThrowsAsync<TimeoutException>(() =>
            semaphore.AcquireAsync(TimeSpan.FromMilliseconds(100)).AsTask()
        );

        await handles[1].DisposeAsync();
        await using var again = await semaphore.TryAcquireAsync();
        Assert.NotNull(again);
        await handles[0].DisposeAsync();
        await handles[2].DisposeAsync();
    }

    [Fact]
    public async Task Whoever_waits_gets_the_next_ticket_in_the_order_of_asking()
    {
        var semaphore = Semaphores.CreateSemaphore("s", 2);
        var held = new[] { await semaphore.AcquireAsync(), await semaphore.AcquireAsync() };
        var first = semaphore.AcquireAsync().AsTask();
        await LiveAsync(2 + 1 + 2); // two tickets, the turnstile, and two asked for
        var second = semaphore.AcquireAsync().AsTask();
        await LiveAsync(2 + 1 + 2 + 1); // and one behind the turnstile

        await held[0].DisposeAsync();
        var next = await first.WaitAsync(Bound);
        await held[1].DisposeAsync();
        await using var last = await second.WaitAsync(Bound);
        await next.DisposeAsync();
    }

    [Fact]
    public async Task Under_a_crowd_there_are_never_more_holders_than_tickets_and_all_get_through()
    {
        const int Tickets = 3;
        var holders = 0;
        var most = 0;
        await Task.WhenAll(
                Enumerable
                    .Range(0, 12)
                    .Select(async _ =>
                    {
                        for (var round = 0; round < 5; round++)
                        {
                            await using var handle = await Semaphores.CreateSemaphore("crowd", Tickets).AcquireAsync();
                            var now = Interlocked.Increment(ref holders);
                            InterlockedMax(ref most, now);
                            await Task.Yield();
                            Interlocked.Decrement(ref holders);
                        }
                    })
            )
            .WaitAsync(Bound);

        Assert.InRange(most, 1, Tickets);
        await LiveAsync(0);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_behind()
    {
        var semaphore = Semaphores.CreateSemaphore("s", 2);
        var held = new[] { await semaphore.AcquireAsync(), await semaphore.AcquireAsync() };
        using var cancel = new CancellationTokenSource();
        var waiting = semaphore.AcquireAsync(cancellationToken: cancel.Token).AsTask();
        await LiveAsync(2 + 1 + 2);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await LiveAsync(2);
        await held[0].DisposeAsync();
        await held[1].DisposeAsync();
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private Task LiveAsync(int count) =>
        Eventually.HoldsAsync(
            $"{count} live requests",
            Bound,
            async () => (await node.Node.Http.StatsAsync(client.Namespace))?.GetProperty("live").GetInt32() == count
        );
}

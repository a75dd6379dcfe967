// What DistributedLock's documentation says of its locks, said of ours, through its own interfaces, against a real
// node.
using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using RaftLocks.Client.DistributedLock;
using RaftLocks.Client.Tests.Real;

namespace RaftLocks.Client.Tests.Adapter;

[Collection(OneNodeTests.Name)]
[Trait("Category", "Slow")]
public sealed class ProviderTests(OneNode node) : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    private readonly RaftLocksClient client = node.Client($"adapter-{Guid.NewGuid():N}");

    private RaftLocksDistributedSynchronizationProvider Provider => new(client);

    private IDistributedLockProvider Locks => Provider;

    private IDistributedReaderWriterLockProvider ReaderWriterLocks => Provider;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await client.DisposeAsync();

    [Fact]
    public void A_lock_has_its_name() => Assert.Equal("a/b", Locks.CreateLock("a/b").Name);

    [Fact]
    public async Task TryAcquire_returns_null_when_it_is_held_and_a_handle_when_it_is_free()
    {
        var handle = await Locks.CreateLock("a").TryAcquireAsync();
        Assert.NotNull(handle);
        Assert.Null(await Locks.CreateLock("a").TryAcquireAsync());
        Assert.Null(await Locks.CreateLock("a").TryAcquireAsync(Short));
        Assert.Null(Locks.CreateLock("a").TryAcquire());

        await handle.DisposeAsync();
        await using var again = await Locks.CreateLock("a").TryAcquireAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Acquire_throws_a_TimeoutException()
    {
        await using var handle = await Locks.CreateLock("a").AcquireAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => Locks.CreateLock("a").AcquireAsync(Short).AsTask());
        Assert.Throws<TimeoutException>(() => Locks.CreateLock("a").Acquire(Short));
    }

    [Fact]
    public async Task Acquire_waits_for_the_release()
    {
        var handle = await Locks.CreateLock("a").AcquireAsync();
        var waiting = Locks.CreateLock("a").AcquireAsync().AsTask();
        Assert.False(waiting.IsCompleted);

        await handle.DisposeAsync();

        await (await waiting.WaitAsync(Bound)).DisposeAsync();
    }

    [Fact]
    public async Task It_is_not_reentrant()
    {
        var one = Locks.CreateLock("a");
        await using var handle = await one.AcquireAsync();

        Assert.Null(await one.TryAcquireAsync());
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        await using var handle = await Locks.CreateLock("a").AcquireAsync();
        using var cancel = new CancellationTokenSource();
        var waiting = Locks.CreateLock("a").AcquireAsync(cancellationToken: cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Locks.CreateLock("b").AcquireAsync(cancellationToken: cancel.Token).AsTask()
        );
    }

    [Fact]
    public async Task Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => Locks.CreateLock(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Provider.CreateSemaphore("a", 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Locks.CreateLock("a").TryAcquireAsync(TimeSpan.FromSeconds(-2)).AsTask()
        );
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Locks.CreateLock("a").AcquireAsync(TimeSpan.FromSeconds(-2)).AsTask()
        );
    }

    [Fact]
    public async Task A_handle_may_be_disposed_of_twice_and_does_not_release_the_next_holder_s()
    {
        var first = await Locks.CreateLock("a").AcquireAsync();
        await first.DisposeAsync();
        await using var second = await Locks.CreateLock("a").AcquireAsync();

        await first.DisposeAsync();
        first.Dispose();

        Assert.Null(await Locks.CreateLock("a").TryAcquireAsync());
    }

    [Fact]
    public async Task The_token_of_a_lost_handle_can_be_cancelled_is_not_while_it_is_held_and_is_gone_after_disposal()
    {
        var handle = await Locks.CreateLock("a").AcquireAsync();
        Assert.True(handle.HandleLostToken.CanBeCanceled);
        Assert.False(handle.HandleLostToken.IsCancellationRequested);

        await handle.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => handle.HandleLostToken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("\u00fc \ud83d\ude00 \"'\n")]
    public async Task Any_name_will_do(string name)
    {
        await using var handle = await Locks.CreateLock(name).TryAcquireAsync();

        Assert.NotNull(handle);
        Assert.Null(await Locks.CreateLock(name).TryAcquireAsync());
    }

    [Fact]
    public async Task Long_names_that_begin_alike_are_different_locks()
    {
        var name = new string('x', 5000);
        await using var one = await Locks.CreateLock(name + "1").TryAcquireAsync();
        await using var other = await Locks.CreateLock(name + "2").TryAcquireAsync();

        Assert.NotNull(one);
        Assert.NotNull(other);
        Assert.Null(await Locks.CreateLock(name + "1").TryAcquireAsync());
    }

    [Fact]
    public async Task A_name_with_a_slash_is_not_beneath_another()
    {
        await using var one = await Locks.CreateLock("a").AcquireAsync();
        await using var other = await Locks.CreateLock("a/b").TryAcquireAsync();

        Assert.NotNull(other);
    }

    [Fact]
    public async Task Readers_share_and_a_writer_excludes()
    {
        var rw = ReaderWriterLocks.CreateReaderWriterLock("a");
        await using (await rw.AcquireReadLockAsync())
        {
            using var second = rw.TryAcquireReadLock();
            Assert.NotNull(second);
            Assert.Null(await rw.TryAcquireWriteLockAsync());
            await Assert.ThrowsAsync<TimeoutException>(() => rw.AcquireWriteLockAsync(Short).AsTask());
        }

        using (rw.AcquireWriteLock())
        {
            Assert.Null(await rw.TryAcquireReadLockAsync());
            Assert.Null(rw.TryAcquireWriteLock());
        }
    }

    [Fact]
    public async Task A_write_lock_can_be_downgraded()
    {
        var rw = ReaderWriterLocks.CreateReaderWriterLock("a");
        await using var written = (RaftLocksHandle)await rw.AcquireWriteLockAsync();

        await written.DowngradeAsync();

        await using var read = await rw.TryAcquireReadLockAsync();
        Assert.NotNull(read);
        Assert.Null(await rw.TryAcquireWriteLockAsync());
    }

    [Fact]
    public async Task All_of_several_locks_or_none()
    {
        await using (var all = await Provider.AcquireAllLocksAsync(["a", "b", "c"]))
        {
            Assert.Null(await Locks.CreateLock("b").TryAcquireAsync());
            Assert.Null(await Provider.TryAcquireAllLocksAsync(["c", "d"]));
            await using var free = await Locks.CreateLock("d").TryAcquireAsync();
            Assert.NotNull(free);
        }

        // The library's own extension methods take one after the other, and work too.
        await using var oneByOne = await Locks.TryAcquireAllLocksAsync(["a", "b"]);
        Assert.NotNull(oneByOne);
    }

    [Fact]
    public async Task The_container_has_all_three_providers()
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IRaftLocksClient>(client)
            .AddRaftLocksDistributedLock()
            .BuildServiceProvider();

        Assert.Same(
            services.GetRequiredService<IDistributedLockProvider>(),
            services.GetRequiredService<IDistributedSemaphoreProvider>()
        );
        await using var held = await services
            .GetRequiredService<IDistributedReaderWriterLockProvider>()
            .AcquireReadLockAsync("a");
    }
}

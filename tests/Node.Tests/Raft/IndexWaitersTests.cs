// Waiting for the log to come to an index.
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Tests.Raft;

public class IndexWaitersTests
{
    [ThreadStatic]
    private static bool _cancels;

    [Fact]
    public async Task Each_waiter_is_told_at_its_index_and_not_before()
    {
        var waiters = new IndexWaiters();
        var (third, first) = (
            waiters.WaitAsync(3, CancellationToken.None).AsTask(),
            waiters.WaitAsync(1, CancellationToken.None).AsTask()
        );
        waiters.Reach(2);
        await first;
        Assert.False(third.IsCompleted);
        Assert.Equal(2, waiters.Reached);
        await waiters.WaitAsync(2, CancellationToken.None);
        waiters.Reach(3);
        await third;
    }

    [Fact]
    public async Task Whoever_cancels_does_not_go_on_with_what_the_waiter_does_next()
    {
        var waiters = new IndexWaiters();
        using var cancelled = new CancellationTokenSource();
        var nextIsDoneByTheCanceller = WaitThenLookAsync(waiters, cancelled.Token);
        _cancels = true;
        cancelled.Cancel();
        _cancels = false;
        Assert.False(await nextIsDoneByTheCanceller);
    }

    [Fact]
    public async Task A_log_that_comes_no_further_tells_all_waiters_why()
    {
        var waiters = new IndexWaiters();
        var waiting = waiters.WaitAsync(1, CancellationToken.None).AsTask();
        waiters.Fail(new IOException("the disk"));
        Assert.Equal("the disk", (await Assert.ThrowsAsync<IOException>(() => waiting)).Message);
        await Assert.ThrowsAsync<IOException>(async () => await waiters.WaitAsync(2, CancellationToken.None));
    }

    private static async Task<bool> WaitThenLookAsync(IndexWaiters waiters, CancellationToken token)
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiters.WaitAsync(1, token));
        return _cancels;
    }
}

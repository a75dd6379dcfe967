// Elections and semaphores of the client against a real node.
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests.Real;

[Collection(OneNodeTests.Name)]
[Trait("Category", "Slow")]
public class ElectionAndSemaphoreTests(OneNode node)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_next_candidate_leads_when_the_leader_goes_and_in_a_greater_term()
    {
        await using var one = node.Client("election");
        await using var other = node.Client("election");
        using var stop = new CancellationTokenSource();
        var first = new TaskCompletionSource<ulong>();
        var second = new TaskCompletionSource<ulong>();
        var leading = one.Election("leader")
            .RunAsync(
                async (leadership, over) =>
                {
                    first.SetResult(leadership.FencingToken);
                    await Task.Delay(Timeout.Infinite, over);
                },
                cancellationToken: stop.Token
            );
        var term = await first.Task.WaitAsync(Bound);
        var waiting = other
            .Election("leader")
            .RunAsync(
                (leadership, _) =>
                {
                    second.SetResult(leadership.FencingToken);
                    return Task.CompletedTask;
                }
            );
        Assert.Null(await other.TryAcquireAsync(Write("leader")));

        await stop.CancelAsync();

        await leading.WaitAsync(Bound);
        await waiting.WaitAsync(Bound);
        Assert.True(await second.Task > term);
        await using var free = await one.TryAcquireAsync(Write("leader"));
        Assert.NotNull(free);
    }

    [Fact]
    public async Task A_semaphore_has_as_many_holders_as_slots_and_tells_who_waits_in_vain()
    {
        await using var locks = node.Client("slots");
        var semaphore = locks.Semaphore(2, "reports");
        await using var first = await semaphore.AcquireAsync();
        var second = await semaphore.AcquireAsync(new LockOptions { Label = "second" });

        Assert.Null(await semaphore.TryAcquireAsync());
        Assert.Null(await semaphore.TryAcquireAsync(TimeSpan.FromMilliseconds(20)));
        var refused = await Assert.ThrowsAsync<LockNotAcquiredException>(() =>
            semaphore.AcquireAsync(TimeSpan.FromMilliseconds(20))
        );
        Assert.Equal(TimeSpan.FromMilliseconds(20), refused.Timeout);
        var waiting = semaphore.AcquireAsync(Bound);
        await second.DisposeAsync();

        await using var third = await waiting.WaitAsync(Bound);
        Assert.Equal(
            ["reports", "1"],
            new[] { first, third }.Select(held => Assert.Single(held.Resources).Path).MinBy(path => path[1])!
        );
    }

    [Fact]
    public async Task What_is_held_after_a_downgrade_is_told_as_read()
    {
        await using var locks = node.Client("resources");
        await using var held = await locks.AcquireAsync(Write("a"), Read("b"));
        Assert.Equal([Write("a"), Read("b")], held.Resources);

        await held.DowngradeAsync().WaitAsync(Bound);

        Assert.Equal([Read("a"), Read("b")], held.Resources);
        await using var reader = await locks.TryAcquireAsync(Read("a"));
        Assert.NotNull(reader);
    }
}

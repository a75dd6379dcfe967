// The timers that need no thread pool: each fires once it is due, in order, whatever the others do.
using System.Collections.Concurrent;
using RaftLocks.Client.Sessions;

namespace RaftLocks.Client.Tests;

public class TimerThreadTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private readonly TimerThread timers = new();

    [Fact]
    public async Task They_fire_in_the_order_in_which_they_are_due_and_not_before()
    {
        var fired = new BlockingCollection<int>();
        var startedAt = Environment.TickCount64;
        using var last = timers.Create(_ => fired.Add(3), null, TimeSpan.FromSeconds(2), Never);
        using var first = timers.Create(_ => fired.Add(1), null, TimeSpan.Zero, Never);
        using var second = timers.Create(_ => fired.Add(2), null, TimeSpan.FromMilliseconds(30), Never);

        Assert.Equal([1, 2, 3], await TakeAsync(fired, 3));
        Assert.True(Environment.TickCount64 - startedAt >= 1900);
    }

    [Fact]
    public async Task One_that_is_disposed_of_or_put_off_does_not_fire()
    {
        var fired = new BlockingCollection<string>();
        var disposed = timers.Create(_ => fired.Add("disposed"), null, TimeSpan.FromSeconds(2), Never);
        using var never = timers.Create(_ => fired.Add("never"), null, TimeSpan.FromSeconds(2), Never);
        using var earlier = timers.Create(_ => fired.Add("earlier"), null, TimeSpan.FromHours(1), Never);
        using var unset = timers.Create(_ => fired.Add("unset"), null, Never, Never);
        await disposed.DisposeAsync();
        Assert.False(disposed.Change(TimeSpan.Zero, Never));
        Assert.True(never.Change(Never, Never));
        Assert.True(earlier.Change(TimeSpan.FromMilliseconds(10), Never));
        using var last = timers.Create(_ => fired.Add("last"), null, TimeSpan.FromSeconds(3), Never);

        Assert.Equal(["earlier", "last"], await TakeAsync(fired, 2));
    }

    [Fact]
    public async Task One_with_a_period_fires_again_until_it_is_disposed_of()
    {
        var fired = new BlockingCollection<int>();
        var count = 0;
        using (timers.Create(_ => fired.Add(++count), null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)))
        {
            Assert.Equal([1, 2, 3, 4], await TakeAsync(fired, 4));
        }
    }

    [Fact]
    public async Task One_that_throws_does_not_stop_the_others()
    {
        var fired = new BlockingCollection<int>();
        using var wrong = timers.Create(
            _ => throw new InvalidOperationException("a defect"),
            null,
            TimeSpan.Zero,
            Never
        );
        using var right = timers.Create(_ => fired.Add(1), null, TimeSpan.FromMilliseconds(10), Never);

        Assert.Equal([1], await TakeAsync(fired, 1));
    }

    [Fact]
    public async Task A_hundred_thousand_that_never_fire_do_not_hold_up_the_one_that_does()
    {
        var fired = new BlockingCollection<int>();
        for (var i = 0; i < 100_000; i++)
        {
            timers.Create(_ => fired.Add(0), null, TimeSpan.FromMinutes(5), Never).Dispose();
        }

        using var one = timers.Create(_ => fired.Add(1), null, TimeSpan.FromMilliseconds(1), Never);

        Assert.Equal([1], await TakeAsync(fired, 1));
    }

    [Fact]
    public async Task A_callback_may_change_and_dispose_of_its_own_timer()
    {
        var fired = new BlockingCollection<int>();
        ITimer? timer = null;
        var count = 0;
        timer = timers.Create(
            _ =>
            {
                fired.Add(++count);
                if (count < 3)
                {
                    timer!.Change(TimeSpan.FromMilliseconds(1), Never);
                }
                else
                {
                    timer!.Dispose();
                }
            },
            null,
            Never,
            Never
        );
        timer.Change(TimeSpan.FromMilliseconds(1), Never);

        Assert.Equal([1, 2, 3], await TakeAsync(fired, 3));
    }

    private static Task<List<T>> TakeAsync<T>(BlockingCollection<T> from, int count) =>
        Task.Factory.StartNew(
            () =>
                Enumerable
                    .Range(0, count)
                    .Select(_ =>
                        from.TryTake(out var item, Bound) ? item : throw new TimeoutException("It did not fire.")
                    )
                    .ToList(),
            TaskCreationOptions.LongRunning
        );
}

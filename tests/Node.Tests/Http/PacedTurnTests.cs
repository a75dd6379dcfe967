// The work for readers never takes all of the processor: after each turn there is a pause.
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Tests.Http;

public class PacedTurnTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task One_at_a_time_and_each_after_a_pause_some_times_as_long_as_the_work_before()
    {
        using var turn = new PacedTurn(time);
        await turn.EnterAsync(CancellationToken.None).WaitAsync(Bound);
        var next = turn.EnterAsync(CancellationToken.None);
        Assert.False(next.IsCompleted);

        turn.Leave(TimeSpan.FromMilliseconds(10));
        time.Advance(TimeSpan.FromMilliseconds((10 * Limits.ReadPauses) - 1));
        Assert.False(next.IsCompleted);
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            return Task.FromResult(next.IsCompletedSuccessfully);
        });
    }

    [Fact]
    public async Task Who_comes_after_the_pause_does_not_wait()
    {
        using var turn = new PacedTurn(time);
        await turn.EnterAsync(CancellationToken.None).WaitAsync(Bound);
        turn.Leave(TimeSpan.FromMilliseconds(10));
        time.Advance(TimeSpan.FromMilliseconds(10 * Limits.ReadPauses));
        Assert.True(turn.EnterAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task No_pause_is_longer_than_its_bound()
    {
        using var turn = new PacedTurn(time);
        await turn.EnterAsync(CancellationToken.None).WaitAsync(Bound);
        turn.Leave(TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromMilliseconds(Limits.ReadPauseMs));
        Assert.True(turn.EnterAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_goes_away_in_the_pause_leaves_the_turn_to_the_next()
    {
        using var turn = new PacedTurn(time);
        await turn.EnterAsync(CancellationToken.None).WaitAsync(Bound);
        turn.Leave(TimeSpan.FromMilliseconds(10));
        using var gone = new CancellationTokenSource();
        var first = turn.EnterAsync(gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        time.Advance(TimeSpan.FromMilliseconds(10 * Limits.ReadPauses));
        Assert.True(turn.EnterAsync(CancellationToken.None).IsCompletedSuccessfully);
    }
}

using System.Diagnostics;
using HdrHistogram;
using RaftLocks.Load.Clients;

namespace RaftLocks.Load;

// One client that does one cycle after the other: lock, acquired, release, confirmed. What goes wrong is
// counted, and the client connects again.

/// <summary>A client under measurement.</summary>
internal sealed class Cycler(ILockServer server, string load, int number, Pace? pace = null)
{
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);
    private ILocker? locker;

    /// <summary>From lock sent to acquired, in microseconds; measured cycles only.</summary>
    public LongHistogram Latency { get; } = new(TimeStamp.Minutes(10) / (TimeStamp.Seconds(1) / 1_000_000), 3);

    /// <summary>Cycles that ended while measuring.</summary>
    public long Cycles { get; private set; }

    /// <summary>Cycles that failed, while measuring or not.</summary>
    public long Errors { get; private set; }

    /// <summary>The first thing that went wrong.</summary>
    public Exception? FirstError { get; private set; }

    /// <summary>Opens the connection.</summary>
    public async Task ConnectAsync(CancellationToken token) => locker = await server.ConnectAsync(load, number, token);

    /// <summary>Cycles until told to stop; counts what happens while <paramref name="phase"/> measures.</summary>
    public async Task RunAsync(Phase phase, CancellationToken token)
    {
        while (!phase.IsOver)
        {
            try
            {
                await CycleAsync(phase, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                Errors++;
                return;
            }
            catch (Exception e)
            {
                Errors++;
                FirstError ??= e;
                await StartAnewAsync(token);
            }
        }
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask CloseAsync()
    {
        if (locker is not null)
        {
            await locker.DisposeAsync();
            locker = null;
        }
    }

    private async Task CycleAsync(Phase phase, CancellationToken token)
    {
        locker ??= await server.ConnectAsync(load, number, token);
        if (pace is not null)
        {
            await pace.DueAsync(token);
        }

        var sentAt = Stopwatch.GetTimestamp();
        await locker.AcquireAsync(token);
        var waited = Stopwatch.GetElapsedTime(sentAt);
        await locker.ReleaseAsync(token);
        if (phase.IsMeasuring)
        {
            Cycles++;
            Latency.RecordValue((long)waited.TotalMicroseconds);
        }
    }

    private async Task StartAnewAsync(CancellationToken token)
    {
        await CloseAsync();
        await Task.Delay(PauseAfterError, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>Warm-up, measuring, over: told to all clients at once.</summary>
internal sealed class Phase
{
    private volatile int phase;

    /// <summary>Whether cycles count.</summary>
    public bool IsMeasuring => phase == 1;

    /// <summary>Whether the clients shall stop.</summary>
    public bool IsOver => phase == 2;

    /// <summary>Goes on to the next phase.</summary>
    public void Next() => phase++;
}

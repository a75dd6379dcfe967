// A worker as an application has it: it takes a lock, adds one to a number in a file that others change too, and gives
// the lock back. Whatever the library throws is written down: with a cluster that comes back in time, nothing may reach
// the program.
using System.Globalization;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Workload;
using RaftLocks.Client;

namespace RaftLocks.Chaos.Clients;

/// <summary>One worker. All workers of a process share a client and a report.</summary>
internal sealed class CountingClient(IRaftLocksClient locks, string file, Clock clock, CountReport report)
{
    private const double LongWaitMs = 1_000;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var askedAt = clock.Now;
            try
            {
                await using var held = await locks.AcquireAsync(
                    [LockResource.Write("counter")],
                    cancellationToken: stop
                );
                Note(askedAt, clock.Now);
                Add(held);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The end of the run.
            }
            catch (Exception e)
            {
                lock (report)
                {
                    report.Exceptions.Add(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{clock.Now:F0} ms: {e.GetType().Name}: {e.Message}"
                        )
                    );
                }

                await Task.Delay(PauseAfterFailure, CancellationToken.None);
            }
        }
    }

    private void Add(IHeldLock held)
    {
        if (held.IsLost)
        {
            lock (report)
            {
                report.Lost++;
            }

            return;
        }

        var number = File.Exists(file) ? long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : 0;
        File.WriteAllText(file, (number + 1).ToString(CultureInfo.InvariantCulture));
        lock (report)
        {
            report.Increments++;
        }
    }

    private void Note(double fromMs, double toMs)
    {
        if (toMs - fromMs >= LongWaitMs)
        {
            lock (report)
            {
                report.LongWaits.Add(new LongWait(fromMs, toMs));
            }
        }
    }
}

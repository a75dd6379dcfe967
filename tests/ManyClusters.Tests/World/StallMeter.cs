// The machine's own pauses: a thread that wants to run every few milliseconds, and what it had to wait beyond. A bound
// in time means nothing where nobody got to run.
using System.Diagnostics;

namespace RaftLocks.ManyClusters.World;

/// <summary>Real time less the machine's stalls.</summary>
internal static class StallMeter
{
    private const int TickMs = 10;
    private const int UsualMs = 25;
    private static long stalledMs;

    static StallMeter()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "stall meter" };
        thread.Start();
    }

    /// <summary>Milliseconds in which the machine ran, from some moment on.</summary>
    public static long NowMs => Environment.TickCount64 - Interlocked.Read(ref stalledMs);

    /// <summary>All that was stalled until now.</summary>
    public static long StalledMs => Interlocked.Read(ref stalledMs);

    private static void Run()
    {
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            Thread.Sleep(TickMs);

            // A thread of the pool is what the nodes run on: its delay counts, not only this thread's.
            using var ran = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(static done => done.Set(), ran, preferLocal: false);
            ran.Wait();
            var over = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds - UsualMs;
            if (over > 0)
            {
                Interlocked.Add(ref stalledMs, over);
            }
        }
    }
}

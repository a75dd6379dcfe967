// Runs code of the application: logs, measurements, progress. It runs on the thread pool, one call after the other, and
// whatever it does, the client continues.
using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace RaftLocks.Client.Sessions;

/// <summary>Runs work of little importance in order, away from the client's own threads.</summary>
internal sealed class SideWork(ILogger log) : IThreadPoolWorkItem
{
    /// <summary>The maximum of waiting work; what exceeds it, because something blocks, is dropped.</summary>
    private const int MaxWaiting = 10_000;

    private readonly ConcurrentQueue<Action> waiting = new();
    private int isRunning;
    private int count;

    /// <summary>Writes to the log.</summary>
    public void Log(Action<ILogger> write) => Post(() => write(log));

    /// <summary>Runs something later. Never blocks or throws.</summary>
    public void Post(Action work)
    {
        if (Interlocked.Increment(ref count) > MaxWaiting)
        {
            Interlocked.Decrement(ref count);
            return;
        }

        waiting.Enqueue(work);
        if (Interlocked.Exchange(ref isRunning, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (waiting.TryDequeue(out var work))
            {
                Interlocked.Decrement(ref count);
                try
                {
                    work();
                }
                catch (Exception e)
                {
                    Trace.TraceWarning($"What listens to RaftLocks.Client has failed: {e}");
                }
            }

            // A full fence: what is handed over at this moment sees the zero, or is seen below.
            Interlocked.Exchange(ref isRunning, 0);
        } while (!waiting.IsEmpty && Interlocked.Exchange(ref isRunning, 1) == 0);
    }
}

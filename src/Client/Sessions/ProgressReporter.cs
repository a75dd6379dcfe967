// Reports the position in the queue to a caller. The caller's code runs on the thread pool and may be slow: then it is
// told about the newest state only.
namespace RaftLocks.Client.Sessions;

/// <summary>Reports progress of one request, in order, never two at a time.</summary>
internal sealed class ProgressReporter(IProgress<LockProgress> progress, SideWork side)
{
    private LockProgress? newest;
    private int isRunning;

    private volatile bool isOver;

    /// <summary>Stops when the request is answered: no position is reported any more.</summary>
    public void End() => isOver = true;

    public void Tell(LockProgress value)
    {
        Volatile.Write(ref newest, value);
        if (Interlocked.Exchange(ref isRunning, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Run(), null);
        }
    }

    private void Run()
    {
        do
        {
            while (Interlocked.Exchange(ref newest, null) is { } value && !isOver)
            {
                try
                {
                    progress.Report(value);
                }
                catch (Exception e)
                {
                    side.Log(log => ClientLog.ProgressFailed(log, e));
                }
            }

            // A full fence: what is handed over at this moment sees the zero, or is seen below.
            Interlocked.Exchange(ref isRunning, 0);
        } while (Volatile.Read(ref newest) is not null && Interlocked.Exchange(ref isRunning, 1) == 0);
    }
}

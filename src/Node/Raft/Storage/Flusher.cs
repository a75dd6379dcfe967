// A leader's entries are flushed while they are under way to the others: by a thread of its own, which waits for the
// disk and for nothing else.
namespace RaftLocks.Node.Raft.Storage;

internal sealed class Flusher : IDisposable
{
    private readonly EntryLog entries;
    private readonly Action<Exception> failed;
    private readonly object gate = new();
    private readonly Thread thread;
    private TaskCompletionSource next = New();
    private bool wanted;
    private bool ended;

    public Flusher(EntryLog entries, Action<Exception> failed)
    {
        this.entries = entries;
        this.failed = failed;
        thread = new Thread(Run) { IsBackground = true, Name = "raft log" };
        thread.Start();
    }

    /// <summary>Completes when all that was appended before is on disk.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public Task FlushAsync()
    {
        lock (gate)
        {
            wanted = true;
            Monitor.Pulse(gate);
            return next.Task;
        }
    }

    /// <summary>Ends when what was asked for is done.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ended = true;
            Monitor.Pulse(gate);
        }

        thread.Join();
        next.TrySetException(new ObjectDisposedException(nameof(Flusher)));
        _ = next.Task.Exception;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Run()
    {
        while (TakeWork() is { } work)
        {
            try
            {
                entries.Flush();
                work.SetResult();
            }
            catch (Exception e)
            {
                work.SetException(e);
                _ = work.Task.Exception;
                failed(e);
            }
        }
    }

    private TaskCompletionSource? TakeWork()
    {
        lock (gate)
        {
            while (!wanted)
            {
                if (ended)
                {
                    return null;
                }

                Monitor.Wait(gate);
            }

            wanted = false;
            var work = next;
            next = New();
            return work;
        }
    }
}

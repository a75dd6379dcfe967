// Applies committed entries, one after the other, on a thread of the pool. No caller that commits waits for it.
using System.Collections.Concurrent;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class Applier : IThreadPoolWorkItem, IDisposable
{
    private readonly Func<long, object?, ValueTask> apply;
    private readonly Action<Exception> failed;
    private readonly IndexWaiters applied = new();

    // The contexts of the entries that this node has proposed.
    private readonly ConcurrentDictionary<long, object> contexts = new();

    // Held while entries are applied, or skipped.
    private readonly SemaphoreSlim running = new(1, 1);
    private long wantedIndex;
    private int scheduled;
    private volatile bool stopped;

    /// <summary>Makes an applier that begins behind an index.</summary>
    public Applier(long appliedIndex, Func<long, object?, ValueTask> apply, Action<Exception> failed)
    {
        (this.apply, this.failed, wantedIndex) = (apply, failed, appliedIndex);
        applied.Reach(appliedIndex);
    }

    public long AppliedIndex => applied.Reached;

    /// <summary>Keeps a context with an entry until it is applied.</summary>
    public void AttachContext(long index, object context) => contexts[index] = context;

    /// <summary>Drops the contexts of the entries from an index on.</summary>
    public void DropContextsFrom(long index)
    {
        foreach (var at in contexts.Keys.Where(at => at >= index))
        {
            contexts.TryRemove(at, out _);
        }
    }

    /// <summary>Applies all entries up to an index: they are committed.</summary>
    public void ApplyThrough(long index)
    {
        long before;
        do
        {
            before = Volatile.Read(ref wantedIndex);
        } while (before < index && Interlocked.CompareExchange(ref wantedIndex, index, before) != before);

        if (Interlocked.Exchange(ref scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Lets something stand for all entries up to an index.</summary>
    public async ValueTask SkipToAsync(long index, Func<ValueTask> install)
    {
        await running.WaitAsync();
        try
        {
            await install();
            applied.Reach(index);
        }
        finally
        {
            running.Release();
        }
    }

    /// <summary>Completes when an entry is applied.</summary>
    public ValueTask WaitAsync(long index, CancellationToken token) => applied.WaitAsync(index, token);

    /// <summary>Stops applying for good.</summary>
    public void Fail(Exception reason)
    {
        stopped = true;
        applied.Fail(reason);
    }

    /// <summary>Stops after the entry that is being applied.</summary>
    public void Dispose()
    {
        Fail(new ObjectDisposedException(nameof(Applier)));
        running.Wait();
        running.Release();
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        await running.WaitAsync();
        try
        {
            // A later call schedules another run.
            Volatile.Write(ref scheduled, 0);
            Interlocked.MemoryBarrier();
            for (var index = AppliedIndex + 1; index <= Volatile.Read(ref wantedIndex) && !stopped; index++)
            {
                contexts.TryRemove(index, out var context);
                await apply(index, context);
                applied.Reach(index);
            }
        }
        catch (Exception e)
        {
            failed(e);
        }
        finally
        {
            running.Release();
        }
    }
}

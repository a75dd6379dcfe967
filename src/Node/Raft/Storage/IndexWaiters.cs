// The callers that wait until the log has reached an index, in any order of indexes.
namespace RaftLocks.Node.Raft.Storage;

internal sealed class IndexWaiters
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> waiting = new();
    private long reached;
    private Exception? failure;

    /// <summary>The index that is reached.</summary>
    public long Reached => Volatile.Read(ref reached);

    /// <summary>Completes when an index is reached.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public ValueTask WaitAsync(long index, CancellationToken token)
    {
        TaskCompletionSource source;
        lock (gate)
        {
            if (failure is not null)
            {
                return ValueTask.FromException(failure);
            }

            if (index <= reached)
            {
                return ValueTask.CompletedTask;
            }

            source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(source, index);
        }

        return token.CanBeCanceled ? WaitAsync(source, token) : new ValueTask(source.Task);
    }

    /// <summary>Notes that an index is reached.</summary>
    public void Reach(long index)
    {
        lock (gate)
        {
            if (index > reached)
            {
                Volatile.Write(ref reached, index);
            }

            while (waiting.TryPeek(out var source, out var wanted) && wanted <= reached)
            {
                waiting.Dequeue();
                source.TrySetResult();
            }
        }
    }

    // The canceller must not run the waiter's continuation: the library cancels its waiters while it changes their
    // leadership, and they look at that first.
    private static async ValueTask WaitAsync(TaskCompletionSource source, CancellationToken token)
    {
        await using (
            token.UnsafeRegister(
                static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token),
                source
            )
        )
        {
            await source.Task;
        }
    }

    /// <summary>Fails all waiters: the index will not rise any more.</summary>
    public void Fail(Exception reason)
    {
        lock (gate)
        {
            failure = reason;
            while (waiting.TryDequeue(out var source, out _))
            {
                source.TrySetException(reason);
            }
        }
    }
}

// What completes a caller's task. It must need no thread of the caller's pool, all of which may be blocked by callers
// like this one: so the client's own thread completes it, which wakes those who block directly, and hands those who
// await to the pool. Only where the caller has a synchronisation context or scheduler of its own, which is code that
// the client knows nothing of, all of it is left to the pool.
namespace RaftLocks.Client.Sessions;

/// <summary>
/// A task of a caller and the means to complete it. The caller's thread makes it. The session's lock guards it.
/// </summary>
/// <param name="then">What of this library's own waits for it.</param>
internal sealed class Completion<T>(Action? then = null)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly bool isForeign =
        SynchronizationContext.Current is not null || TaskScheduler.Current != TaskScheduler.Default;

    /// <summary>Whether it has been completed, or is about to be.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Completes the task with a result, unless it is over.</summary>
    public void Succeed(T result) => Complete((source: this, result), static of => of.source.TrySetResult(of.result));

    /// <summary>Completes the task with an exception, unless it is over.</summary>
    public void Fail(Exception failure) =>
        Complete((source: this, failure), static of => of.source.TrySetException(of.failure));

    /// <summary>Completes the task as cancelled, unless it is over.</summary>
    public void Cancel(CancellationToken token) =>
        Complete((source: this, token), static of => of.source.TrySetCanceled(of.token));

    private void Complete<TState>(TState state, Action<TState> complete)
    {
        if (IsOver)
        {
            return;
        }

        IsOver = true;
        if (isForeign)
        {
            ThreadPool.UnsafeQueueUserWorkItem(Everything, (complete, state, then), preferLocal: false);
        }
        else
        {
            Everything((complete, state, then));
        }

        static void Everything((Action<TState> Complete, TState State, Action? Then) of)
        {
            of.Complete(of.State);
            of.Then?.Invoke();
        }
    }
}

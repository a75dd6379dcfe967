// Waits with a bound, for callers that await. The runtime's own (Task.WaitAsync) goes on with the caller's code on
// whatever thread its timer runs, and the timers of all clients share one: code that blocked there would stop them all.
namespace RaftLocks.Client.Sessions;

/// <summary>Awaits a task for a limited time.</summary>
internal static class BoundedWait
{
    /// <summary>Waits until a task has completed or a time is over. What awaits it goes on in the pool.</summary>
    public static async Task ForAsync(Task task, TimeSpan bound, TimeProvider clock)
    {
        if (task.IsCompleted || bound == TimeSpan.Zero)
        {
            return;
        }

        var isOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = clock.CreateTimer(_ => isOver.TrySetResult(), null, bound, Timeout.InfiniteTimeSpan);
        await Task.WhenAny(task, isOver.Task).ConfigureAwait(false);
    }
}

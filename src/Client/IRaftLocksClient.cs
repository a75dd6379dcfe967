// What code that takes locks depends on. It has the two calls that a fake has to answer; the shorter forms are
// extension methods.
namespace RaftLocks.Client;

/// <summary>Takes locks. Thread-safe: one instance serves a whole process.</summary>
public interface IRaftLocksClient : IAsyncDisposable
{
    /// <summary>Waits until all these resources are locked.</summary>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <param name="options">How long to wait, the label, progress; null to wait for as long as it takes.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    /// <exception cref="LockNotAcquiredException">It took longer than the timeout.</exception>
    /// <exception cref="ClusterUnreachableException">No node answers.</exception>
    /// <exception cref="LockRefusedException">The cluster or the client refuses this lock;
    /// <see cref="LockRefusedException.Reason"/> says why.</exception>
    /// <exception cref="LockRevokedException">An operator ended the wait.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<IHeldLock> AcquireAsync(
        IReadOnlyCollection<LockResource> resources,
        LockOptions? options = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>Locks all these resources if they are free now or within the options' timeout.</summary>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <param name="options">How long to wait, the label, progress; null, or without a timeout, to take only what is
    /// free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock, or null when the time is over.</returns>
    /// <exception cref="ClusterUnreachableException">No node answers.</exception>
    /// <exception cref="LockRefusedException">The cluster or the client refuses this lock;
    /// <see cref="LockRefusedException.Reason"/> says why.</exception>
    /// <exception cref="LockRevokedException">An operator ended the wait.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<IHeldLock?> TryAcquireAsync(
        IReadOnlyCollection<LockResource> resources,
        LockOptions? options = null,
        CancellationToken cancellationToken = default
    );
}

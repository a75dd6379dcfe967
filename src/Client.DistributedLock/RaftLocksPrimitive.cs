// What a lock and a semaphore have in common in DistributedLock's interfaces: one name, and four ways to ask for the
// one thing that there is to get.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A lock or a semaphore.</summary>
public abstract class RaftLocksPrimitive
{
    private readonly Attempt attempt;

    private protected RaftLocksPrimitive(string name)
    {
        Name = name;
        attempt = new Attempt(name, TakeAsync, Take);
    }

    /// <summary>Its name, as it was given.</summary>
    public string Name { get; }

    /// <summary>
    /// Waits until it is acquired or the time is over. Without a timeout it takes only what is free at once.
    /// </summary>
    /// <param name="timeout">How long to wait: zero to <see cref="int.MaxValue"/> milliseconds, or infinite.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>A handle, or null when the time is over.</returns>
    public IDistributedSynchronizationHandle? TryAcquire(
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => attempt.TryAcquire(timeout, cancellationToken);

    /// <summary>Waits until it is acquired.</summary>
    /// <param name="timeout">How long to wait: zero to <see cref="int.MaxValue"/> milliseconds, or infinite, as it is
    /// without one.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>A handle.</returns>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public IDistributedSynchronizationHandle Acquire(
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => attempt.Acquire(timeout, cancellationToken);

    /// <summary>
    /// Waits until it is acquired or the time is over. Without a timeout it takes only what is free at once.
    /// </summary>
    /// <param name="timeout">How long to wait: zero to <see cref="int.MaxValue"/> milliseconds, or infinite.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>A handle, or null when the time is over.</returns>
    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => attempt.TryAcquireAsync(timeout, cancellationToken);

    /// <summary>Waits until it is acquired.</summary>
    /// <param name="timeout">How long to wait: zero to <see cref="int.MaxValue"/> milliseconds, or infinite, as it is
    /// without one.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>A handle.</returns>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => attempt.AcquireAsync(timeout, cancellationToken);

    private protected abstract Task<IHeldLock?> TakeAsync(TimeSpan timeout, CancellationToken token);

    private protected abstract IHeldLock? Take(TimeSpan timeout, CancellationToken token);
}

// A lock with one holder at a time: a write lock on one path.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A distributed lock. Not reentrant: whoever asks for it twice waits for itself.</summary>
public sealed class RaftLocksDistributedLock : IDistributedLock
{
    private readonly Attempt attempt;

    internal RaftLocksDistributedLock(IRaftLocksClient client, string name, LockResource resource)
    {
        Name = name;
        attempt = Attempt.On(client, name, resource);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        attempt.TryAcquire(timeout, cancellationToken);

    /// <inheritdoc/>
    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        attempt.Acquire(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        attempt.TryAcquireAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        attempt.AcquireAsync(timeout, cancellationToken);
}

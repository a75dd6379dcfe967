// One writer or many readers, first come first served: a reader that comes after a waiting writer waits behind it.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A distributed reader-writer lock.</summary>
public sealed class RaftLocksDistributedReaderWriterLock : IDistributedReaderWriterLock
{
    private readonly Attempt read;
    private readonly Attempt write;

    internal RaftLocksDistributedReaderWriterLock(IRaftLocksClient client, string name, string[] path)
    {
        Name = name;
        read = Attempt.On(client, name, LockResource.Read(path));
        write = Attempt.On(client, name, LockResource.Write(path));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IDistributedSynchronizationHandle? TryAcquireReadLock(
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => read.TryAcquire(timeout, cancellationToken);

    /// <inheritdoc/>
    public IDistributedSynchronizationHandle AcquireReadLock(
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => read.Acquire(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireReadLockAsync(
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => read.TryAcquireAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IDistributedSynchronizationHandle> AcquireReadLockAsync(
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => read.AcquireAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public IDistributedSynchronizationHandle? TryAcquireWriteLock(
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => write.TryAcquire(timeout, cancellationToken);

    /// <inheritdoc/>
    public IDistributedSynchronizationHandle AcquireWriteLock(
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => write.Acquire(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireWriteLockAsync(
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => write.TryAcquireAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IDistributedSynchronizationHandle> AcquireWriteLockAsync(
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => write.AcquireAsync(timeout, cancellationToken);
}

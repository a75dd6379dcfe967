// What code that takes locks depends on.
namespace RaftLocks.Client;

/// <summary>Takes locks. Thread-safe: one instance serves a whole process.</summary>
public interface IRaftLocksClient : IAsyncDisposable
{
    /// <summary>Waits until all these resources are locked, for as long as it takes.</summary>
    /// <exception cref="ClusterUnreachableException">No node answers.</exception>
    Task<HeldLock> AcquireAsync(params ReadOnlySpan<LockResource> resources);

    /// <summary>Waits until all these resources are locked.</summary>
    /// <exception cref="LockNotAcquiredException">It took longer than the timeout.</exception>
    /// <exception cref="ClusterUnreachableException">No node answers.</exception>
    /// <exception cref="LockRevokedException">An operator ended the wait.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the place in line is given up too.</exception>
    Task<HeldLock> AcquireAsync(IReadOnlyCollection<LockResource> resources, LockOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Waits until all these resources are locked, up to a timeout.</summary>
    Task<HeldLock> AcquireAsync(IReadOnlyCollection<LockResource> resources, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Locks all these resources if they are free now; else null.</summary>
    Task<HeldLock?> TryAcquireAsync(params ReadOnlySpan<LockResource> resources);

    /// <summary>Locks all these resources if they are free now or within a timeout; else null.</summary>
    Task<HeldLock?> TryAcquireAsync(IReadOnlyCollection<LockResource> resources, TimeSpan timeout = default, CancellationToken cancellationToken = default);

    /// <summary>Locks all these resources if they are free now or within the options' timeout (none: now); else null.</summary>
    Task<HeldLock?> TryAcquireAsync(IReadOnlyCollection<LockResource> resources, LockOptions options, CancellationToken cancellationToken = default);
}

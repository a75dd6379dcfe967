// The shorter forms of the two calls, for whatever implements the interface.
namespace RaftLocks.Client;

/// <summary>
/// Shorter forms of <see cref="IRaftLocksClient.AcquireAsync"/> and <see cref="IRaftLocksClient.TryAcquireAsync"/>,
/// semaphores and elections.
/// </summary>
public static class RaftLocksClientExtensions
{
    /// <summary>Waits until all these resources are locked, for as long as it takes.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    public static Task<IHeldLock> AcquireAsync(
        this IRaftLocksClient client,
        params ReadOnlySpan<LockResource> resources
    ) => Checked(client).AcquireAsync(resources.ToArray());

    /// <summary>
    /// Waits until all these resources are locked, for as long as it takes or until the caller cancels.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    public static Task<IHeldLock> AcquireAsync(
        this IRaftLocksClient client,
        CancellationToken cancellationToken,
        params ReadOnlySpan<LockResource> resources
    ) => Checked(client).AcquireAsync(resources.ToArray(), options: null, cancellationToken);

    /// <summary>Waits until a resource is locked, for as long as it takes or until the caller cancels.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resource">What to lock.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    public static Task<IHeldLock> AcquireAsync(
        this IRaftLocksClient client,
        LockResource resource,
        CancellationToken cancellationToken
    ) => Checked(client).AcquireAsync([resource], options: null, cancellationToken);

    /// <summary>Waits until a resource is locked, up to a timeout.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resource">What to lock.</param>
    /// <param name="timeout">How long to wait; zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    /// <exception cref="LockNotAcquiredException">It took longer than the timeout.</exception>
    public static Task<IHeldLock> AcquireAsync(
        this IRaftLocksClient client,
        LockResource resource,
        TimeSpan timeout,
        CancellationToken cancellationToken = default
    ) => Checked(client).AcquireAsync([resource], new LockOptions { Timeout = timeout }, cancellationToken);

    /// <summary>
    /// Waits until all these resources are locked, for as long as it takes or until the caller cancels.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    public static Task<IHeldLock> AcquireAsync(
        this IRaftLocksClient client,
        IReadOnlyCollection<LockResource> resources,
        CancellationToken cancellationToken
    ) => Checked(client).AcquireAsync(resources, options: null, cancellationToken);

    /// <summary>Waits until all these resources are locked, up to a timeout.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <param name="timeout">How long to wait; zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock. Dispose of it to give it back.</returns>
    /// <exception cref="LockNotAcquiredException">It took longer than the timeout.</exception>
    public static Task<IHeldLock> AcquireAsync(
        this IRaftLocksClient client,
        IReadOnlyCollection<LockResource> resources,
        TimeSpan timeout,
        CancellationToken cancellationToken = default
    ) => Checked(client).AcquireAsync(resources, new LockOptions { Timeout = timeout }, cancellationToken);

    /// <summary>Locks all these resources if they are free now.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <returns>The held lock, or null if something of it is not free.</returns>
    public static Task<IHeldLock?> TryAcquireAsync(
        this IRaftLocksClient client,
        params ReadOnlySpan<LockResource> resources
    ) => Checked(client).TryAcquireAsync(resources.ToArray());

    /// <summary>Locks all these resources if they are free now.</summary>
    /// <param name="client">The client.</param>
    /// <param name="cancellationToken">Gives up the wait for the answer.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <returns>The held lock, or null if something of it is not free.</returns>
    public static Task<IHeldLock?> TryAcquireAsync(
        this IRaftLocksClient client,
        CancellationToken cancellationToken,
        params ReadOnlySpan<LockResource> resources
    ) => Checked(client).TryAcquireAsync(resources.ToArray(), options: null, cancellationToken);

    /// <summary>Locks a resource if it is free now.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resource">What to lock.</param>
    /// <param name="cancellationToken">Gives up the wait for the answer.</param>
    /// <returns>The held lock, or null if it is not free.</returns>
    public static Task<IHeldLock?> TryAcquireAsync(
        this IRaftLocksClient client,
        LockResource resource,
        CancellationToken cancellationToken
    ) => Checked(client).TryAcquireAsync([resource], options: null, cancellationToken);

    /// <summary>Locks a resource if it is free now or within a timeout.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resource">What to lock.</param>
    /// <param name="timeout">How long to wait; zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock, or null when the time is over.</returns>
    public static Task<IHeldLock?> TryAcquireAsync(
        this IRaftLocksClient client,
        LockResource resource,
        TimeSpan timeout,
        CancellationToken cancellationToken = default
    ) => Checked(client).TryAcquireAsync([resource], new LockOptions { Timeout = timeout }, cancellationToken);

    /// <summary>Locks all these resources if they are free now.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <param name="cancellationToken">Gives up the wait for the answer.</param>
    /// <returns>The held lock, or null if something of it is not free.</returns>
    public static Task<IHeldLock?> TryAcquireAsync(
        this IRaftLocksClient client,
        IReadOnlyCollection<LockResource> resources,
        CancellationToken cancellationToken
    ) => Checked(client).TryAcquireAsync(resources, options: null, cancellationToken);

    /// <summary>Locks all these resources if they are free now or within a timeout.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resources">What to lock: all of it together or nothing.</param>
    /// <param name="timeout">How long to wait; zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held lock, or null when the time is over.</returns>
    public static Task<IHeldLock?> TryAcquireAsync(
        this IRaftLocksClient client,
        IReadOnlyCollection<LockResource> resources,
        TimeSpan timeout,
        CancellationToken cancellationToken = default
    ) => Checked(client).TryAcquireAsync(resources, new LockOptions { Timeout = timeout }, cancellationToken);

    /// <summary>A semaphore with a number of slots; all who use it must give the same number.</summary>
    /// <param name="client">The client.</param>
    /// <param name="slots">How many may hold it at the same time: 1 to <see cref="LockSemaphore.MaxSlots"/>.</param>
    /// <param name="path">The path beneath which its locks lie.</param>
    /// <returns>The semaphore. It takes nothing until it is asked to.</returns>
    public static LockSemaphore Semaphore(this IRaftLocksClient client, int slots, params ReadOnlySpan<string> path) =>
        new(client, slots, path);

    /// <summary>An election whose leader is the holder of the lock of a path.</summary>
    /// <param name="client">The client.</param>
    /// <param name="path">The path that the leader locks.</param>
    /// <returns>The election. Nobody is a candidate until <see cref="LeaderElection.RunAsync"/> is called.</returns>
    public static LeaderElection Election(this IRaftLocksClient client, params ReadOnlySpan<string> path) =>
        new(client, path);

    private static IRaftLocksClient Checked(IRaftLocksClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client;
    }
}

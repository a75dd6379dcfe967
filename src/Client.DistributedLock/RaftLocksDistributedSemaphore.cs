// A semaphore: the client's own, in DistributedLock's words.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A distributed semaphore.</summary>
public sealed class RaftLocksDistributedSemaphore : RaftLocksPrimitive, IDistributedSemaphore
{
    /// <summary>The maximum number of tickets of a semaphore: the head of the queue sends a request for each.</summary>
    public const int MostTickets = LockSemaphore.MaxSlots;

    private readonly LockSemaphore semaphore;

    internal RaftLocksDistributedSemaphore(IRaftLocksClient client, string name, int maxCount, string[] path)
        : base(name) => semaphore = new LockSemaphore(client, maxCount, path);

    /// <inheritdoc/>
    public int MaxCount => semaphore.Slots;

    private protected override Task<IHeldLock?> TakeAsync(TimeSpan timeout, CancellationToken token) =>
        semaphore.TryAcquireAsync(timeout, token);

    private protected override IHeldLock? Take(TimeSpan timeout, CancellationToken token) =>
        semaphore.TryAcquire(timeout, token);
}

// A lock with one holder at a time: a write lock on one path.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A distributed lock. Not reentrant: whoever asks for it twice waits for itself.</summary>
public sealed class RaftLocksDistributedLock : RaftLocksPrimitive, IDistributedLock
{
    private readonly IRaftLocksClient client;
    private readonly LockResource[] resources;

    internal RaftLocksDistributedLock(IRaftLocksClient client, string name, LockResource resource)
        : base(name)
    {
        this.client = client;
        resources = [resource];
    }

    private protected override Task<IHeldLock?> TakeAsync(TimeSpan timeout, CancellationToken token) =>
        client.TryAcquireAsync(resources, timeout, token);

    private protected override IHeldLock? Take(TimeSpan timeout, CancellationToken token) =>
        TakeAsync(timeout, token).GetAwaiter().GetResult();
}

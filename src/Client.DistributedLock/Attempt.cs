// DistributedLock's four ways to ask for the same thing: with or without patience, blocking or not.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>Something that can be acquired.</summary>
/// <param name="name">What it is called in a message.</param>
/// <param name="acquire">Acquires it within a time, or returns null.</param>
internal sealed class Attempt(string name, Func<TimeSpan, CancellationToken, Task<HeldLock?>> acquire)
{
    public static Attempt On(IRaftLocksClient client, string name, params LockResource[] resources) =>
        new(name, (timeout, token) => client.TryAcquireAsync(resources, timeout, token));

    public async ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout, CancellationToken token)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A timeout is zero or more, or infinite.");
        }

        return await acquire(timeout, token).ConfigureAwait(false) is { } held ? new RaftLocksHandle(held) : null;
    }

    public async ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout, CancellationToken token)
    {
        var patience = timeout ?? Timeout.InfiniteTimeSpan;
        return await TryAcquireAsync(patience, token).ConfigureAwait(false)
            ?? throw new TimeoutException($"'{name}' could not be acquired within {patience}.");
    }

    // The client never comes back to a caller's synchronisation context, so blocking on it is safe.
    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout, CancellationToken token) =>
        TryAcquireAsync(timeout, token).AsTask().GetAwaiter().GetResult();

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout, CancellationToken token) =>
        AcquireAsync(timeout, token).AsTask().GetAwaiter().GetResult();
}

// DistributedLock's four forms of the same call: with or without a timeout, blocking or not. Arguments are checked at
// the call.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>Something that can be acquired.</summary>
/// <param name="name">What it is called in a message.</param>
/// <param name="acquireAsync">Acquires it within a time, or returns null.</param>
/// <param name="acquire">Does the same and blocks the calling thread; it needs no other thread of the pool.</param>
internal sealed class Attempt(
    string name,
    Func<TimeSpan, CancellationToken, Task<IHeldLock?>> acquireAsync,
    Func<TimeSpan, CancellationToken, IHeldLock?> acquire
)
{
    public static Attempt On(IRaftLocksClient client, string name, params LockResource[] resources)
    {
        return new Attempt(
            name,
            AcquireAsync,
            (timeout, token) => AcquireAsync(timeout, token).GetAwaiter().GetResult()
        );

        Task<IHeldLock?> AcquireAsync(TimeSpan timeout, CancellationToken token) =>
            client.TryAcquireAsync(resources, timeout, token);
    }

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout, CancellationToken token)
    {
        Check(timeout);
        return WrapAsync(acquireAsync(timeout, token));
    }

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout, CancellationToken token)
    {
        var limit = Check(timeout ?? Timeout.InfiniteTimeSpan);
        return WrapOrThrowAsync(acquireAsync(limit, token), limit);
    }

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout, CancellationToken token) =>
        acquire(Check(timeout), token) is { } held ? new RaftLocksHandle(held) : null;

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout, CancellationToken token)
    {
        var limit = Check(timeout ?? Timeout.InfiniteTimeSpan);
        return TryAcquire(limit, token) ?? throw TimeIsOver(limit);
    }

    private static async ValueTask<IDistributedSynchronizationHandle?> WrapAsync(Task<IHeldLock?> asked) =>
        await asked.ConfigureAwait(false) is { } held ? new RaftLocksHandle(held) : null;

    private async ValueTask<IDistributedSynchronizationHandle> WrapOrThrowAsync(
        Task<IHeldLock?> asked,
        TimeSpan timeout
    ) => await WrapAsync(asked).ConfigureAwait(false) ?? throw TimeIsOver(timeout);

    private TimeoutException TimeIsOver(TimeSpan timeout) => new($"'{name}' could not be acquired within {timeout}.");

    private static TimeSpan Check(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan || (timeout >= TimeSpan.Zero && timeout <= RaftLocksOptions.LongestTimeout)
            ? timeout
            : throw new ArgumentOutOfRangeException(
                nameof(timeout),
                timeout,
                $"A timeout is zero to {RaftLocksOptions.LongestTimeout}, or infinite."
            );
}

// What is held, in DistributedLock's words.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A handle; disposing of it releases what it stands for.</summary>
public sealed class RaftLocksHandle : IDistributedSynchronizationHandle
{
    private readonly HeldLock held;
    private int isDisposed;

    internal RaftLocksHandle(HeldLock held) => this.held = held;

    /// <summary>Grows with each holder: let the store refuse a smaller one than the greatest it saw.</summary>
    public ulong FencingToken => held.FencingToken;

    /// <summary>Is cancelled before the cluster may pass the lock on to somebody else; nothing is polled for it.</summary>
    /// <exception cref="ObjectDisposedException">The handle is disposed of.</exception>
    public CancellationToken HandleLostToken
    {
        get
        {
            ObjectDisposedException.ThrowIf(isDisposed != 0, this);
            return held.Lost;
        }
    }

    /// <summary>Turns a write lock into a read lock without giving it up in between.</summary>
    public Task DowngradeAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed != 0, this);
        return held.DowngradeAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref isDisposed, 1) == 0 ? held.DisposeAsync() : default;
}

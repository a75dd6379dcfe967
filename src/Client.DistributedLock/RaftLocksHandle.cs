// What is held, in DistributedLock's words.
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>
/// A handle; disposing of it releases what it stands for. One that is forgotten is released when it is collected.
/// </summary>
public sealed class RaftLocksHandle : IDistributedSynchronizationHandle
{
    private readonly IHeldLock held;
    private int isDisposed;

    internal RaftLocksHandle(IHeldLock held) => this.held = held;

#pragma warning disable MA0055 // DistributedLock promises that a forgotten handle is released.
    /// <summary>
    /// Releases what was forgotten. The release is sent by the client's own thread, so the collector's does not wait.
    /// </summary>
    ~RaftLocksHandle()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 0)
        {
            held.Dispose();
        }
    }
#pragma warning restore MA0055

    /// <summary>
    /// The request's id, which grows with each holder: let the store refuse a smaller one than the greatest it saw.
    /// </summary>
    public ulong FencingToken => held.FencingToken;

    /// <summary>
    /// A token that is cancelled before the cluster may pass the lock on to somebody else; nothing is polled for it.
    /// </summary>
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
    /// <param name="cancellationToken">Ends the wait, not the downgrade.</param>
    /// <returns>A task that completes when the cluster has confirmed it.</returns>
    /// <exception cref="ObjectDisposedException">The handle is disposed of.</exception>
    public Task DowngradeAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed != 0, this);
        return held.DowngradeAsync(cancellationToken);
    }

    /// <summary>
    /// Releases it and blocks until the cluster has confirmed it, for a while; it needs no thread of the thread pool. A
    /// second call does nothing.
    /// </summary>
    public void Dispose()
    {
        var released = DisposeAsync();
        if (!released.IsCompleted)
        {
            released.AsTask().GetAwaiter().GetResult();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Releases it and waits until the cluster has confirmed it, for a while. A second call does nothing.
    /// </summary>
    /// <returns>A task that completes when it is released.</returns>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) != 0)
        {
            return default;
        }

        GC.SuppressFinalize(this);
        return held.DisposeAsync();
    }
}

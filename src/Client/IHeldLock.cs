// A lock that is held, as the caller sees it. An interface, so that tests of code that uses locks can do without a
// cluster.
namespace RaftLocks.Client;

/// <summary>Why a held lock was lost.</summary>
public enum LockLossCause
{
    /// <summary>The lock is not lost.</summary>
    None,

    /// <summary>
    /// The cluster has not answered for almost the abandon timeout, so that it may pass the lock on soon.
    /// </summary>
    ClusterSilent,

    /// <summary>An operator revoked it.</summary>
    Revoked,

    /// <summary>The cluster gave it up before this client came back.</summary>
    Abandoned,

    /// <summary>Another connection uses this client's session.</summary>
    SessionReplaced,

    /// <summary>The client was disposed while the lock was held.</summary>
    ClientDisposed,

    /// <summary>Something in the client failed that never should.</summary>
    ClientFailed,
}

/// <summary>A held lock. Disposing of it gives it back.</summary>
/// <remarks><see cref="Lost"/> and <see cref="IsLost"/> turn true before the cluster may pass the lock on to somebody
/// else, as long as this process is scheduled. Two exceptions: an operator's revocation by force, and another process
/// that uses the same session. What must never be written twice carries the <see cref="FencingToken"/>.
/// </remarks>
public interface IHeldLock : IAsyncDisposable, IDisposable
{
    /// <summary>
    /// The id of the lock's request. Conflicting locks are acquired in the order of their tokens: a store refuses a
    /// smaller one than the greatest it saw for that resource.
    /// </summary>
    ulong FencingToken { get; }

    /// <summary>The locked resources. After a downgrade all of it is locked for reading.</summary>
    IReadOnlyList<LockResource> Resources { get; }

    /// <summary>
    /// A token that is cancelled when the lock is lost. The token of a lock that was given back is never cancelled.
    /// </summary>
    /// <remarks>
    /// Callbacks run on the thread pool. Where that is exhausted they are late, and <see cref="IsLost"/> is not: look
    /// at it before each effect.
    /// </remarks>
    CancellationToken Lost { get; }

    /// <summary>
    /// Whether the lock is lost, computed from the clock at each call: true at the first look of a process that slept
    /// too long.
    /// </summary>
    bool IsLost { get; }

    /// <summary>Why the lock was lost, for code; <see cref="LockLossCause.None"/> while it is not.</summary>
    LockLossCause LossCause { get; }

    /// <summary>Why the lock was lost, for people; null while it is not.</summary>
    string? LossReason { get; }

    /// <summary>
    /// A token that is cancelled when an operator asks for this lock: finish and release it soon, or it will be lost.
    /// </summary>
    CancellationToken RevocationRequested { get; }

    /// <summary>The operator's reason; null while no operator asked for the lock.</summary>
    string? RevocationReason { get; }

    /// <summary>
    /// Turns the writes of this lock into reads and so lets readers in, without giving it up in between.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the downgrade.</param>
    /// <returns>A task that completes when the cluster has confirmed it.</returns>
    /// <exception cref="LockLostException">The lock is lost or released already.</exception>
    /// <exception cref="LockRefusedException">The cluster can't do it.</exception>
    Task DowngradeAsync(CancellationToken cancellationToken = default);
}

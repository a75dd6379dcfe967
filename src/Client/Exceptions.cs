// What can go wrong: one type for each thing that a caller would do something different about, with a reason that code
// can read.
namespace RaftLocks.Client;

/// <summary>Something went wrong with a lock or the cluster.</summary>
/// <param name="message">What went wrong, for people.</param>
/// <param name="inner">The cause, if there is one.</param>
public class RaftLocksException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The lock was not acquired within the time that the caller gave.</summary>
/// <param name="message">What was not acquired, for people.</param>
/// <param name="timeout">The time that the caller gave.</param>
/// <param name="resources">What was to be locked.</param>
public sealed class LockNotAcquiredException(
    string message,
    TimeSpan timeout = default,
    IReadOnlyList<LockResource>? resources = null
) : TimeoutException(message)
{
    /// <summary>The time that the caller gave; zero for a lock that was wanted only if it was free.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>The resources that were to be locked.</summary>
    public IReadOnlyList<LockResource> Resources { get; } = resources ?? [];
}

/// <summary>No node gave an answer within <see cref="RaftLocksOptions.ReachTimeout"/>.</summary>
/// <param name="message">What went wrong, for people, with the last problem.</param>
/// <param name="inner">The cause, if there is one.</param>
/// <param name="lastProblem">The last problem on the way to the cluster.</param>
public sealed class ClusterUnreachableException(string message, Exception? inner = null, string? lastProblem = null)
    : RaftLocksException(message, inner)
{
    /// <summary>The last problem on the way to the cluster, for people.</summary>
    public string? LastProblem => lastProblem;
}

/// <summary>Why a call was refused.</summary>
public enum RefusalReason
{
    /// <summary>The cluster gave a reason that this client does not know; the message has its words.</summary>
    Unknown,

    /// <summary>This client holds and awaits <see cref="RaftLocksOptions.MaxLocks"/> locks already.</summary>
    ClientLimit,

    /// <summary>
    /// Every node refuses this client: its namespace, its credentials, or they are no RaftLocks nodes.
    /// </summary>
    ClientRefused,

    /// <summary>The cluster calls what it was sent an error.</summary>
    BadRequest,

    /// <summary>The cluster allows no more locks on one connection (--max-channels).</summary>
    TooManyChannels,

    /// <summary>Too many requests wait in this namespace (--max-waiting-per-namespace).</summary>
    TooManyWaiting,

    /// <summary>Too many locks are held or awaited in the cluster (--max-live-requests).</summary>
    TooManyLive,

    /// <summary>The namespace would be one too many (--max-namespaces).</summary>
    TooManyNamespaces,

    /// <summary>Not all nodes of the cluster are new enough for what was asked.</summary>
    NotSupportedYet,

    /// <summary>Something in this client failed that never should; it is of no more use.</summary>
    ClientFailed,

    /// <summary>No policy allows this client's token to lock all of that.</summary>
    NoRight,

    /// <summary>
    /// Too many locks are asked for in a second (--max-locks-per-second, --max-connection-locks-per-second); the
    /// message says when to try again.
    /// </summary>
    TooFast,

    /// <summary>
    /// The locks of this client, its namespace, its principal or the whole cluster take too much memory
    /// (--max-session-mb, --max-namespace-mb, --max-principal-mb, --max-live-mb).
    /// </summary>
    TooMuchMemory,

    /// <summary>This lock alone would take too much memory (--max-request-kb).</summary>
    RequestTooLarge,
}

/// <summary>The call is refused. The other locks of the client are not affected.</summary>
/// <param name="message">Why, for people, and what to do.</param>
/// <param name="reason">The reason, for code.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class LockRefusedException(
    string message,
    RefusalReason reason = RefusalReason.Unknown,
    Exception? inner = null
) : RaftLocksException(message, inner)
{
    /// <summary>Why it was refused.</summary>
    public RefusalReason Reason => reason;
}

/// <summary>An operator ended the request while it waited.</summary>
/// <param name="message">What happened, for people.</param>
/// <param name="operatorReason">What the operator said.</param>
public sealed class LockRevokedException(string message, string? operatorReason = null) : RaftLocksException(message)
{
    /// <summary>The operator's reason; null where that is not known.</summary>
    public string? OperatorReason => operatorReason;
}

/// <summary>The lock is lost or given back, so that this can't be done any more.</summary>
/// <param name="message">What happened, for people.</param>
/// <param name="cause">Why the lock was lost; <see cref="LockLossCause.None"/> if it was given back.</param>
public sealed class LockLostException(string message, LockLossCause cause = LockLossCause.None)
    : RaftLocksException(message)
{
    /// <summary>Why the lock was lost; <see cref="LockLossCause.None"/> if it was given back.</summary>
    public LockLossCause Cause => cause;
}

/// <summary>
/// Another connection uses this client's session. This client is of no more use: its locks are lost to it.
/// </summary>
/// <param name="message">What the cluster said.</param>
public sealed class SessionReplacedException(string message) : RaftLocksException(message);

// Why the node closes a connection: code and reason of the close frame.
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>Why a connection is closed.</summary>
/// <param name="Code">Close code.</param>
/// <param name="Reason">At most 123 bytes: a close frame has no room for more.</param>
/// <param name="AfterReplies">Whether the messages before it are answered first.</param>
/// <param name="Limit">The word for the limit that was reached, if that is why: an extended connection is told by a
/// message instead.</param>
internal sealed record CloseReason(int Code, string Reason, bool AfterReplies = false, string? Limit = null)
{
    /// <summary>The client closed.</summary>
    public static readonly CloseReason Normal = new(CloseCodes.Normal, "");

    /// <summary>The client closed without a code, and is answered without one.</summary>
    public static readonly CloseReason WithoutCode = new((int)WebSocketCloseStatus.Empty, "");

    /// <summary>This node shuts down.</summary>
    public static readonly CloseReason ShuttingDown = new(CloseCodes.GoingAway, "this node shuts down: connect again");

    /// <summary>This node no longer leads.</summary>
    public static readonly CloseReason LeadershipLost = new(
        CloseCodes.ServiceRestart,
        "this node no longer leads: connect again to learn where your lock stands"
    );

    /// <summary>The outcome of a command is not known.</summary>
    public static readonly CloseReason OutcomeUnknown = new(
        CloseCodes.ServiceRestart,
        "leadership ended before the fate of a message was known: connect again"
    );

    /// <summary>The state machine refused what the connection's own rules allowed.</summary>
    public static readonly CloseReason OutOfStep = new(
        CloseCodes.ServiceRestart,
        "this node lost track of this connection's lock: connect again"
    );

    /// <summary>A downgrade of what is not held.</summary>
    public static readonly CloseReason DowngradeWhileWaiting = ClientError(
        Refusal.BadInput(
            "\"downgrade\" is not allowed now: the lock is not acquired yet; wait for it, or send \"release\""
        )
    );

    /// <summary>Another connection has come with the same token.</summary>
    public static readonly CloseReason Replaced = new(
        CloseCodes.Replaced,
        "replaced: another connection uses this session; do not connect again with its token"
    );

    /// <summary>Too many channels.</summary>
    public static readonly CloseReason TooManyChannels = OverLimit(
        "channels",
        "too many channels of this connection are in use (--max-channels): release on some, or open another connection"
    );

    /// <summary>An older node is still a member, which does not know the command.</summary>
    public static readonly CloseReason NotYetSupported = OverLimit(
        "feature-level",
        "not all nodes of this cluster are new enough for this yet: upgrade them, or do without it"
    );

    /// <summary>Too many locks in all.</summary>
    public static readonly CloseReason TooManyLive = OverLimit(
        "live",
        "too many locks are held or awaited on this server (--max-live-requests): try again later"
    );

    /// <summary>Too many waiters in the namespace.</summary>
    public static readonly CloseReason TooManyWaiting = OverLimit(
        "waiting",
        "too many requests wait in this namespace (--max-waiting-per-namespace): try again later"
    );

    /// <summary>Too many namespaces.</summary>
    public static readonly CloseReason TooManyNamespaces = OverLimit(
        "namespaces",
        "this namespace would be one too many (--max-namespaces): use one that exists"
    );

    /// <summary>One lock takes too much memory.</summary>
    public static readonly CloseReason RequestTooLarge = OverLimit(
        "request-memory",
        "this lock would take too much memory (--max-request-kb): lock fewer or shorter paths"
    );

    /// <summary>All locks of the session do.</summary>
    public static readonly CloseReason SessionTooLarge = OverLimit(
        "memory",
        "this session's locks take too much memory (--max-session-mb): release some first"
    );

    /// <summary>All locks in the namespace do.</summary>
    public static readonly CloseReason NamespaceTooLarge = OverLimit(
        "memory",
        "the locks in this namespace take too much memory (--max-namespace-mb): try again later"
    );

    /// <summary>All locks of the principal do.</summary>
    public static readonly CloseReason PrincipalTooLarge = OverLimit(
        "memory",
        "this principal's locks take too much memory (--max-principal-mb): release some first"
    );

    /// <summary>All locks do.</summary>
    public static readonly CloseReason ClusterTooLarge = OverLimit(
        "memory",
        "all locks on this server take too much memory (--max-live-mb): try again later"
    );

    /// <summary>The client has no right to what it asks for.</summary>
    public static readonly CloseReason NoRight = new(
        CloseCodes.Forbidden,
        "no right: this token may not lock all of that here; a policy must allow it (raftlocks auth policy)",
        AfterReplies: true,
        "rights"
    );

    /// <summary>A budget of memory is full.</summary>
    public static CloseReason OverBudget(Budget budget) =>
        budget switch
        {
            Budget.Request => RequestTooLarge,
            Budget.Session => SessionTooLarge,
            Budget.Namespace => NamespaceTooLarge,
            Budget.Principal => PrincipalTooLarge,
            Budget.Cluster => ClusterTooLarge,
        };

    /// <summary>Too many locks are asked for in a second.</summary>
    public static CloseReason TooFast(Setting setting, TimeSpan comeBackAfter)
    {
        var ms = Math.Max(1, (long)Math.Ceiling(comeBackAfter.TotalMilliseconds));
        return OverLimit(
            "rate",
            string.Create(
                CultureInfo.InvariantCulture,
                $"too many locks a second ({setting.Option}): try again in {ms} ms"
            )
        );
    }

    /// <summary>An administrator ends the lock of a connection that knows protocol v1 only.</summary>
    public static CloseReason Revoked(ReadOnlyMemory<byte> reason)
    {
        var told = new Refusal(CloseCodes.Revoked, "the lock is revoked: " + Encoding.UTF8.GetString(reason.Span));
        return new CloseReason(told.CloseCode, told.Reason);
    }

    /// <summary>The client closed: it is answered with its own code.</summary>
    public static CloseReason Answering(WebSocketCloseStatus? code) =>
        code switch
        {
            null or WebSocketCloseStatus.NormalClosure => Normal,
            WebSocketCloseStatus.Empty => WithoutCode,
            { } other => new CloseReason((int)other, ""),
        };

    /// <summary>The client made an error.</summary>
    public static CloseReason ClientError(Refusal refusal) =>
        new(refusal.CloseCode, refusal.Reason, AfterReplies: true);

    private static CloseReason OverLimit(string limit, string reason) =>
        new(CloseCodes.TryAgainLater, reason, AfterReplies: true, limit);
}

// Why the node closes a connection: code and reason of the close frame.
using System.Text;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>The node's last word to a connection.</summary>
/// <param name="Code">Close code.</param>
/// <param name="Reason">At most 123 bytes: a close frame has no room for more.</param>
/// <param name="AfterReplies">Whether the messages before it are answered first.</param>
internal sealed record Farewell(int Code, string Reason, bool AfterReplies = false)
{
    /// <summary>The client closed.</summary>
    public static readonly Farewell Normal = new(CloseCodes.Normal, "");

    /// <summary>This node shuts down.</summary>
    public static readonly Farewell ShuttingDown = new(CloseCodes.GoingAway, "this node shuts down: connect again");

    /// <summary>This node no longer leads.</summary>
    public static readonly Farewell LeadershipLost =
        new(CloseCodes.ServiceRestart, "this node no longer leads: connect again to learn where your lock stands");

    /// <summary>The fate of a command is not known.</summary>
    public static readonly Farewell InDoubt =
        new(CloseCodes.ServiceRestart, "leadership ended before the fate of a message was known: connect again");

    /// <summary>The state machine refused what the connection's own rules allowed.</summary>
    public static readonly Farewell OutOfStep =
        new(CloseCodes.ServiceRestart, "this node lost track of this connection's lock: connect again");

    /// <summary>A downgrade of what is not held.</summary>
    public static readonly Farewell DowngradeWhileWaiting =
        Mistake(Refusal.BadInput("\"downgrade\" is not allowed now: the lock is not acquired yet; wait for it, or send \"release\""));

    /// <summary>Another connection has come with the same token.</summary>
    public static readonly Farewell Replaced =
        new(CloseCodes.Replaced, "replaced: another connection uses this session; do not connect again with its token");

    /// <summary>Too many channels.</summary>
    public static readonly Farewell TooManyChannels =
        Limit("too many channels of this connection are in use (--max-channels): release on some, or open another connection");

    /// <summary>An older node is still a member, which does not know the command.</summary>
    public static readonly Farewell NotYetSupported =
        Limit("not all nodes of this cluster are new enough for this yet: upgrade them, or do without it");

    /// <summary>Too many locks in all.</summary>
    public static readonly Farewell TooManyLive =
        Limit("too many locks are held or awaited on this server (--max-live-requests): try again later");

    /// <summary>Too many waiters in the namespace.</summary>
    public static readonly Farewell TooManyWaiting =
        Limit("too many requests wait in this namespace (--max-waiting-per-namespace): try again later");

    /// <summary>Too many namespaces.</summary>
    public static readonly Farewell TooManyNamespaces =
        Limit("this namespace would be one too many (--max-namespaces): use one that exists");

    /// <summary>An administrator ends the lock of a connection that knows protocol v1 only.</summary>
    public static Farewell Revoked(ReadOnlyMemory<byte> reason)
    {
        var told = new Refusal(CloseCodes.Revoked, "the lock is revoked: " + Encoding.UTF8.GetString(reason.Span));
        return new Farewell(told.CloseCode, told.Reason);
    }

    /// <summary>The client made a mistake.</summary>
    public static Farewell Mistake(Refusal refusal) => new(refusal.CloseCode, refusal.Reason, AfterReplies: true);

    private static Farewell Limit(string reason) => new(CloseCodes.TryAgainLater, reason, AfterReplies: true);
}

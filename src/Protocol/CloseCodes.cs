// The close codes of connections. Those below 3000 are standard (RFC 6455, section 7.4.1, and the IANA registry).
namespace RaftLocks.Protocol;

/// <summary>WebSocket close codes.</summary>
public static class CloseCodes
{
    /// <summary>The client has closed the connection.</summary>
    public const int Normal = 1000;

    /// <summary>The node shuts down: connect again.</summary>
    public const int GoingAway = 1001;

    /// <summary>A frame broke the WebSocket protocol itself.</summary>
    public const int ProtocolError = 1002;

    /// <summary>A message was not valid UTF-8.</summary>
    public const int InvalidPayload = 1007;

    /// <summary>A message was too large.</summary>
    public const int TooLarge = 1009;

    /// <summary>The node no longer leads, or can't say what became of a command: connect again.</summary>
    public const int ServiceRestart = 1012;

    /// <summary>Over a limit: wait, then connect again.</summary>
    public const int TryAgainLater = 1013;

    /// <summary>A message was not understood, or not allowed in this state.</summary>
    public const int BadInput = 3000;

    /// <summary>
    /// Another connection uses this one's session now: do not connect again, or the two would evict each other for
    /// ever.
    /// </summary>
    public const int Replaced = 3001;

    /// <summary>An administrator ends the connection's lock.</summary>
    public const int Revoked = 3002;

    /// <summary>The client has no right to what it asks for (IANA: Forbidden).</summary>
    public const int Forbidden = 3003;

    /// <summary>Bytes of UTF-8 that a reason may have (RFC 6455, section 5.5: 125 less the code).</summary>
    public const int MaxReasonBytes = 123;
}

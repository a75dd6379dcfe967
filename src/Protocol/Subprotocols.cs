// The subprotocols of a WebSocket handshake. A browser can set no header but this one, so it carries the token too.
namespace RaftLocks.Protocol;

/// <summary>Names of subprotocols.</summary>
public static class Subprotocols
{
    /// <summary>The protocol itself. A browser wants to be answered with one of those that it has offered.</summary>
    public const string V1 = "raftlocks.v1";

    /// <summary>Offered beside <see cref="V1"/>, with the token behind it.</summary>
    public const string TokenPrefix = "raftlocks.token.";
}

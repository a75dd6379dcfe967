// A client broke the WebSocket protocol itself, below its messages.
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>The client's frames make no sense.</summary>
internal sealed class WireProtocolException(string error) : IOException(error)
{
    /// <summary>How the connection is closed for it.</summary>
    public Refusal Refusal { get; } = new(CloseCodes.ProtocolError, error);
}

// A client sent what can't be received as a message.
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>The client's frames make no sense, or no text message that is small enough.</summary>
internal sealed class WireProtocolException(Refusal refusal) : IOException(refusal.Reason)
{
    /// <summary>The client broke the WebSocket protocol itself, below its messages.</summary>
    public WireProtocolException(string error)
        : this(new Refusal(CloseCodes.ProtocolError, error)) { }

    /// <summary>The close code and the reason for it.</summary>
    public Refusal Refusal { get; } = refusal;
}

// How a refusal reaches the library: as a connection that was reset.
using Microsoft.AspNetCore.Connections;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>What arrived is refused, and its connection closed. For the library it is a connection that was reset: it
/// says nothing about it, and goes on.</summary>
/// <param name="reason">Why; the end of a sentence.</param>
/// <param name="isUnknown">Whether the sender is nobody this node knows.</param>
internal sealed class RefusedException(string reason, bool isUnknown = false) : ConnectionResetException(reason)
{
    /// <summary>Whether the sender is nobody this node knows.</summary>
    public bool IsUnknown => isUnknown;
}

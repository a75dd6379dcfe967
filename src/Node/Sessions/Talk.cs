// The side of a channel that faces the client: what may be said next, and how its replies begin.
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>The conversation on one channel.</summary>
internal sealed class Talk(ReadOnlySpan<byte> channel, bool hasLock = false) : Conversation(hasLock)
{
    /// <summary>The channel as its replies have it; null for the main one.</summary>
    public byte[]? ChannelField { get; } = channel.IsEmpty ? null : Replies.ChannelField(channel);
}

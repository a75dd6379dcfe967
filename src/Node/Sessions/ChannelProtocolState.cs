// The side of a channel that faces the client: what may be said next, and how its replies begin.
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>The state of a channel's protocol, and how the channel is named in replies.</summary>
internal sealed class ChannelProtocolState(ReadOnlySpan<byte> channel, bool hasLock = false) : ChannelProtocol(hasLock)
{
    /// <summary>The channel as its replies have it; null for the main one.</summary>
    public byte[]? ChannelField { get; } = channel.IsEmpty ? null : Replies.ChannelField(channel);
}

// What a connection asked for beyond protocol v1. A plain connection has none of it.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>The extensions of a connection.</summary>
/// <param name="Resumable">The session's id, if a later connection can come back to it.</param>
/// <param name="Label">Who connects, for people, UTF-8; may be empty.</param>
/// <param name="IsExtended">Whether it hears what v1 does not know.</param>
/// <param name="HearsProgress">Whether it hears of its position in the queue.</param>
internal sealed record SessionTraits(
    SessionId? Resumable = null,
    ReadOnlyMemory<byte> Label = default,
    bool IsExtended = false,
    bool HearsProgress = false
)
{
    /// <summary>Null for a plain connection.</summary>
    public static SessionTraits? Of(
        ReadOnlyMemory<byte> @namespace,
        ReadOnlyMemory<byte> token,
        ReadOnlyMemory<byte> label,
        bool isExtended,
        bool hearsProgress,
        ReadOnlyMemory<byte> principal = default
    ) =>
        isExtended || !label.IsEmpty
            ? new SessionTraits(
                token.IsEmpty ? null : SessionToken.ToId(@namespace.Span, token.Span, principal.Span),
                label,
                isExtended,
                hearsProgress
            )
            : null;
}

// What the state machine answers when it is asked about requests. All of it is copied while the state stands still, and stays as it is.
namespace RaftLocks.StateMachine;

/// <summary>A live request as it stood.</summary>
/// <param name="Request">The request itself, which goes on changing.</param>
/// <param name="GrantedAtMs">When it was granted, ms since 1970; -1 while it waits.</param>
/// <param name="Resources">What it locks.</param>
/// <param name="Place">Its place in line: 1 and the older requests that wait too and that it conflicts with, counted up to <see cref="Limits.MaxPlace"/>.
/// 0 if it is granted; -1 if it was not counted, because an explanation had become long.</param>
/// <param name="Blocker">The oldest request that it waits for; 0 if it is granted.</param>
public readonly record struct RequestView(LockRequest Request, long GrantedAtMs, ResourceSet Resources, int Place, ulong Blocker)
{
    /// <summary>Whether it is granted.</summary>
    public bool IsAcquired => GrantedAtMs >= 0;
}

/// <summary>One that must leave before a request is granted.</summary>
/// <param name="View">The request.</param>
/// <param name="BlockedBy">The oldest of those that it waits for directly, at most <see cref="Limits.MaxNamedBlockers"/>, ascending.</param>
public sealed record ChainLink(RequestView View, IReadOnlyList<ulong> BlockedBy);

/// <summary>Why a request waits, or would wait.</summary>
/// <param name="IsGranted">Whether it is granted, or would be now.</param>
/// <param name="BlockedBy">The oldest of those that it waits for directly, at most <see cref="Limits.MaxNamedBlockers"/>, ascending.</param>
/// <param name="Place">Its place in line; 0 if it is granted.</param>
/// <param name="Chain">All that must leave first, directly or because others wait for them, in id order; at most <see cref="Limits.MaxChain"/>.</param>
/// <param name="HasMore">Whether there are more than that.</param>
public sealed record Explanation(bool IsGranted, IReadOnlyList<ulong> BlockedBy, int Place, IReadOnlyList<ChainLink> Chain, bool HasMore)
{
    /// <summary>Of a request that nothing is in the way of.</summary>
    public static readonly Explanation Granted = new(IsGranted: true, [], 0, [], HasMore: false);
}

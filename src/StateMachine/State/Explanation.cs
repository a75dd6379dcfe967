// What the state machine answers when it is asked about requests. All of it is copied while the state stands still, and
// stays as it is.
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>A live request at one moment.</summary>
/// <param name="Request">The request itself, which may change later.</param>
/// <param name="AcquiredAtMs">When it was acquired, ms since 1970; -1 while it waits.</param>
/// <param name="Resources">The resources.</param>
/// <param name="Place">Its position in the queue: 1 and the older requests that wait too and that it conflicts with,
/// counted up to <see cref="Limits.MaxPlace"/>. 0 if it is acquired; -1 if it was not counted, because an explanation
/// had become long.</param>
/// <param name="Blocker">The oldest request that it waits for; 0 if it is acquired.</param>
public readonly record struct RequestView(
    LockRequest Request,
    long AcquiredAtMs,
    ResourceSet Resources,
    int Place,
    ulong Blocker
)
{
    /// <summary>Whether it is acquired.</summary>
    public bool IsAcquired => AcquiredAtMs >= 0;
}

/// <summary>A request that must end before another one is acquired.</summary>
/// <param name="View">The request.</param>
/// <param name="BlockedBy">The oldest of those that it waits for directly, at most
/// <see cref="Limits.MaxNamedBlockers"/>, ascending.</param>
public sealed record ChainLink(RequestView View, IReadOnlyList<ulong> BlockedBy);

/// <summary>Why a request waits, or would wait.</summary>
/// <param name="IsAcquired">Whether it is acquired, or would be now.</param>
/// <param name="BlockedBy">The oldest of those that it waits for directly, at most
/// <see cref="Limits.MaxNamedBlockers"/>, ascending.</param>
/// <param name="Place">Its position in the queue; 0 if it is acquired.</param>
/// <param name="Chain">The requests that must end first, directly or because others wait for them, in id order; at most
/// <see cref="Limits.MaxChain"/>.</param>
/// <param name="HasMore">Whether there are more than that.</param>
public sealed record Explanation(
    bool IsAcquired,
    IReadOnlyList<ulong> BlockedBy,
    int Place,
    IReadOnlyList<ChainLink> Chain,
    bool HasMore
)
{
    /// <summary>The explanation for a request that nothing blocks.</summary>
    public static readonly Explanation Granted = new(IsAcquired: true, [], 0, [], HasMore: false);
}

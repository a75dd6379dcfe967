// Whoever wants to know each change of the replicated state as it is made.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

/// <summary>
/// Hears of each change of the state, in order, while the state stands still: whoever implements this is quick, and never throws.
/// </summary>
internal interface IStateFollower
{
    /// <summary>The state was read from a snapshot, at the start or from the leader; or it is empty.</summary>
    void OnRestored(LockStateMachine machine);

    /// <summary>An entry was applied.</summary>
    void OnApplied(LockStateMachine machine, EventList events);

    /// <summary>The log will be cut off behind what was applied up to now; completes when the follower has made it durable, or has given up.</summary>
    Task OnCompactingAsync();
}

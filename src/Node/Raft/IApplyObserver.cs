// Whoever wants to know each change of the replicated state as it is made.
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <summary>
/// Called for each change of the state, in order, while the state stands still: whoever implements this is quick, and
/// never throws.
/// </summary>
internal interface IApplyObserver
{
    /// <summary>The state was read from a snapshot, at the start or from the leader; or it is empty.</summary>
    void OnRestored(LockStateMachine machine);

    /// <summary>Counts an entry that was applied.</summary>
    void OnApplied(LockStateMachine machine, EventList events);

    /// <summary>
    /// The log will be compacted behind what was applied up to now; completes when the observer has made it durable, or
    /// has given up.
    /// </summary>
    Task OnCompactingAsync();
}

// What is to be done because of a step. A step only says so; it is carried out by EffectExecutor, outside of the
// session's lock.
using RaftLocks.Node.Sessions.Scheduling;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>The kinds of effects.</summary>
internal enum EffectKind : byte
{
    /// <summary>Tells a client something.</summary>
    SendReply,

    /// <summary>Closes a client's connection.</summary>
    CloseConnection,

    /// <summary>Has the leader propose a command when its time has come.</summary>
    SetDeadline,

    /// <summary>Has the leader not propose it.</summary>
    CancelDeadline,

    /// <summary>Counts requests of a namespace that are live, or wait.</summary>
    Count,

    /// <summary>A request is live no more.</summary>
    RequestEnded,

    /// <summary>Remembers, beyond the session's life, how the node ended its last lock.</summary>
    RememberTermination,

    /// <summary>Has a waiter told of its position in the queue when that changes.</summary>
    WatchPosition,

    /// <summary>Tells a client that has come back of a revocation again.</summary>
    RepeatRevocation,

    /// <summary>Ends the span of a traced request.</summary>
    EndTrace,

    /// <summary>Lets those go on who wait for a change of the session.</summary>
    Wake,

    /// <summary>The session is over, and nothing of it is on its way.</summary>
    ForgetSession,
}

/// <summary>One effect.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Target">To what, or with what.</param>
/// <param name="About">What it is about, where there is more than the target.</param>
/// <param name="Reply">What a client is told.</param>
/// <param name="Deadline">When the time of a command comes.</param>
/// <param name="Termination">How the node ended a request, if it did.</param>
/// <param name="Live">By how much the number of live requests changes.</param>
/// <param name="Waiting">By how much the number of those that wait changes.</param>
internal readonly record struct SessionEffect(
    EffectKind Kind,
    object Target,
    object? About = null,
    SessionReply Reply = default,
    Deadline Deadline = default,
    TerminationReason Termination = default,
    sbyte Live = 0,
    sbyte Waiting = 0
);

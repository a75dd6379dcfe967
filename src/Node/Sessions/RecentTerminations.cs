// Why the last lock of a resumable session's main channel was ended by the node: so that a client that comes back can
// be told. Only the last few thousand are remembered, and only by this leader: a courtesy, nothing to rely on.
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>The ways in which the node ends a request by itself.</summary>
internal enum TerminationReason : byte
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The session was gone for too long.</summary>
    Abandoned,

    /// <summary>The request waited for too long.</summary>
    TimedOut,

    /// <summary>An administrator wished it.</summary>
    Revoked,
}

/// <summary>The last terminations, by session.</summary>
internal sealed class RecentTerminations
{
    private readonly OrderedLock gate = new(LockRank.Leaf);
    private readonly Dictionary<UInt128, TerminationReason> terminations = [];
    private readonly Queue<UInt128> order = [];

    /// <summary>
    /// Remembers how a session's last lock was ended. That it has a newer one makes an earlier end forgotten.
    /// </summary>
    public void Set(SessionId session, TerminationReason how)
    {
        using (gate.Enter())
        {
            var isKnown = terminations.ContainsKey(session.Value);
            if (!isKnown && how == TerminationReason.None)
            {
                return;
            }

            if (!isKnown)
            {
                order.Enqueue(session.Value);
            }

            terminations[session.Value] = how;
            while (order.Count > Limits.MaxRememberedEnds)
            {
                terminations.Remove(order.Dequeue());
            }
        }
    }

    /// <summary>The way in which a session's last lock was ended, as far as that is remembered.</summary>
    public TerminationReason Find(SessionId session)
    {
        using (gate.Enter())
        {
            return terminations.GetValueOrDefault(session.Value);
        }
    }
}

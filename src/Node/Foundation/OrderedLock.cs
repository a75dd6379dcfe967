// The order in which locks are taken, written once. A thread that holds a lock takes only locks of a higher rank: so no
// two threads ever wait for each other. Debug builds check it at each acquisition.
using System.Diagnostics;

namespace RaftLocks.Node.Foundation;

/// <summary>The locks around the state and the sessions, in the order in which they may be taken.</summary>
internal enum LockRank : byte
{
    /// <summary>The newest snapshot, and whether one is due.</summary>
    Snapshots,

    /// <summary>The replicated state; held while an entry is applied and its events are delivered.</summary>
    State,

    /// <summary>The table of sessions by token.</summary>
    Registration,

    /// <summary>A session, and all that resume it.</summary>
    Session,

    /// <summary>Revocations that are not over.</summary>
    Revocations,

    /// <summary>A lock under which no other is taken: timers, a connection's outbox, figures.</summary>
    Leaf,
}

/// <summary>A lock with a rank.</summary>
internal readonly struct OrderedLock(LockRank rank)
{
    private readonly Lock gate = new();

    /// <summary>Takes the lock until the scope is disposed.</summary>
    public Scope Enter()
    {
        LockOrder.Taking(rank, gate);
        return new Scope(gate.EnterScope(), rank);
    }

    /// <summary>While it lives the lock is held.</summary>
    public ref struct Scope
    {
        private readonly LockRank rank;
        private Lock.Scope scope;

        internal Scope(Lock.Scope scope, LockRank rank)
        {
            this.scope = scope;
            this.rank = rank;
        }

        /// <summary>Lets the lock go.</summary>
        public void Dispose()
        {
            scope.Dispose();
            LockOrder.Released(rank);
        }
    }
}

/// <summary>The locks that the current thread holds; known in debug builds only.</summary>
internal static class LockOrder
{
    [ThreadStatic]
    private static int[]? held;

    /// <summary>Fails if the current thread holds another lock of that rank, or one of a higher rank.</summary>
    [Conditional("DEBUG")]
    public static void Taking(LockRank rank, Lock gate)
    {
        held ??= new int[(int)LockRank.Leaf + 1];
        for (var other = (int)rank; other < held.Length; other++)
        {
            // Whoever holds a lock already does not wait for it.
            if (held[other] > 0 && !gate.IsHeldByCurrentThread)
            {
                throw new InvalidOperationException($"The lock {rank} is taken while {(LockRank)other} is held.");
            }
        }

        held[(int)rank]++;
    }

    /// <summary>The current thread has let a lock of that rank go.</summary>
    [Conditional("DEBUG")]
    public static void Released(LockRank rank) => held![(int)rank]--;
}

// What a node finds in its folder when it starts: the newest snapshot, and the state that it holds.
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <summary>The state that a node starts with.</summary>
/// <param name="Snapshot">The snapshot that it was read from; null if there is none.</param>
/// <param name="Machine">The state; empty if there is no snapshot.</param>
/// <param name="HashSeed">The seed of its hash tables, random for each start.</param>
internal sealed record LoadedState(SnapshotFile? Snapshot, LockStateMachine Machine, uint HashSeed)
{
    /// <summary>Index and term of the last entry that the snapshot stands for; zeros if there is none.</summary>
    public (long Index, long Term) Position => (Snapshot?.Index ?? 0, Snapshot?.Term ?? 0);

    /// <summary>Reads the newest whole snapshot.</summary>
    public static LoadedState Read(SnapshotStore store)
    {
        var hashSeed = (uint)Random.Shared.Next();
        var (snapshot, machine) = store.Load(hashSeed);
        return new LoadedState(snapshot, machine, hashSeed);
    }
}

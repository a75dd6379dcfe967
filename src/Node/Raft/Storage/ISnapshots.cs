// What a log needs of the snapshots that stand for its beginning.
using DotNext.IO;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>The snapshots of the state that a log is applied to.</summary>
internal interface ISnapshots
{
    /// <summary>The newest snapshot; null if there is none.</summary>
    SnapshotFile? Newest { get; }

    /// <summary>The newest snapshot, readable whatever comes after it; null if there is none.</summary>
    OpenSnapshot? Open();

    /// <summary>
    /// An entry was applied: takes a snapshot if one is due. Completes when the next entry may be applied.
    /// </summary>
    /// <param name="contentBytes">Length of the entry's content.</param>
    ValueTask EntryAppliedAsync(int contentBytes);

    /// <summary>Takes in a snapshot that the leader sends.</summary>
    /// <param name="sent">The snapshot.</param>
    /// <param name="accepted">Called when it is known to be whole, before it becomes ours.</param>
    /// <param name="token">Breaks the transfer off.</param>
    Task InstallAsync<TEntry>(TEntry sent, Action accepted, CancellationToken token)
        where TEntry : IDataTransferObject;

    /// <summary>
    /// Deletes the entries up to an index, in whole segments, and the snapshots before it: a snapshot of that index is
    /// on disk.
    /// </summary>
    void CompactThrough(long index);
}

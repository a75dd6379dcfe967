// Whatever the committed entries of a log are applied to. The log knows no more of it.
namespace RaftLocks.Node.Raft.Storage;

/// <summary>The state that a log is applied to.</summary>
internal interface IReplicatedState
{
    /// <summary>Applies a committed entry. In order, one after the other.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="context">What its proposer sent along with it, if that was this node.</param>
    void Apply(long index, RaftEntry entry, object? context);
}

// What a node knows of itself and its cluster.
namespace RaftLocks.Node.Raft;

/// <summary>A node at one moment.</summary>
/// <param name="Name">The node.</param>
/// <param name="Role"><c>leader</c>, <c>follower</c>, <c>candidate</c> while it knows no leader, or <c>joining</c>
/// while it is no member.</param>
/// <param name="Term">Its current term.</param>
/// <param name="Leader">The leader's name, null while there is none.</param>
/// <param name="CommitIndex">Index of the last entry that it knows to be committed.</param>
/// <param name="AppliedIndex">Index of the last entry that it has applied.</param>
/// <param name="LastIndex">Index of the last entry in its log.</param>
public sealed record NodeStatus(
    string Name,
    string Role,
    long Term,
    string? Leader,
    long CommitIndex,
    long AppliedIndex,
    long LastIndex
);

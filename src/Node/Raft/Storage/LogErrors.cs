// Why the log refuses a call, or can't continue.
namespace RaftLocks.Node.Raft.Storage;

/// <summary>
/// Others have something else than this node knows as committed. That must never happen: a member's data was changed,
/// lost or forged, or RaftLocks or its Raft library has a defect. The message says what was seen.
/// </summary>
public sealed class ContradictionException(string what) : Exception(what + WhatToDo)
{
    private const string WhatToDo =
        " The cluster may have granted one lock twice. Keep this node's data folder as it is, compare the nodes"
        + " (raftlocks verify, GET /v1/cluster), and report it."
        + " If the others agree with each other, remove this node and add it anew with an empty data folder.";
}

/// <summary>An entry was to be appended in a term that this node was not elected in.</summary>
internal sealed class NotElectedInTermException(long entryTerm, long leadershipTerm)
    : InvalidOperationException(
        $"An entry of term {entryTerm} was refused: this node was last elected in term {leadershipTerm}."
    );

/// <summary>A change of members was asked for before another was agreed upon, or one that is too large.</summary>
internal sealed class TooEarlyException(string why, Exception? cause = null)
    : InvalidOperationException("The members can't be changed now: " + why, cause);

/// <summary>A vote was asked of a node that is no member of the cluster, as far as it knows.</summary>
internal sealed class NotAMemberException()
    : InvalidOperationException("This node is no member of the cluster, or not yet: it has no vote.");

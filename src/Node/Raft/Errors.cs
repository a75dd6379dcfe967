// What can be wrong with a node's data, each with what to do.
namespace RaftLocks.Node.Raft;

/// <summary>The node's data can't be vouched for. The message says what is wrong and what to do.</summary>
public sealed class DamagedDataException : Exception
{
    private const string WhatToDo =
        " This node must not vote or acknowledge with this data: remove it from the cluster and add it anew with an empty data folder."
        + " (An emptied folder under the old name is not enough: the node would have forgotten what it promised.)";

    /// <summary>Says what is damaged.</summary>
    public DamagedDataException(string what, Exception? cause = null)
        : base(what + WhatToDo, cause)
    {
    }
}

/// <summary>The disk of the data folder is full, read-only or failing. The message says what to do; the data itself is as good as before.</summary>
public sealed class DiskException(string what, Exception? cause = null) : IOException(what.TrimEnd('.') + WhatToDo, cause)
{
    private const string WhatToDo =
        ". Nothing that this node acknowledged is lost. See to the disk of the data folder (is it full, read-only, or failing?), then start the node again.";
}

/// <summary>The node can't start with this data folder as it was told to.</summary>
public sealed class WrongDataDirectoryException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>An entry was to be appended in a term that this node was not elected in.</summary>
internal sealed class NotElectedInTermException(long entryTerm, long leadershipTerm)
    : InvalidOperationException($"An entry of term {entryTerm} was refused: this node was last elected in term {leadershipTerm}.");

/// <summary>A vote was asked of a node that is no member of the cluster, as far as it knows.</summary>
internal sealed class NotAMemberException() : InvalidOperationException("This node is no member of the cluster, or not yet: it has no vote.");

/// <summary>The cluster knows a node of this name or address, and it is not this one.</summary>
public sealed class StrangerException(string message) : Exception(message);

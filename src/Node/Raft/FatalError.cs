// Why a node ends by itself, and the kind of reason: the exit code tells a service manager whether to start it again.
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Raft;

/// <summary>The kind of a fatal error.</summary>
public enum FatalErrorKind
{
    /// <summary>Its data, or a defect of the program: a restart won't help.</summary>
    Data,

    /// <summary>Its disk: a restart helps once the disk is well.</summary>
    Disk,

    /// <summary>The machine has no memory, open files or threads left for it: a restart may help.</summary>
    Resources,

    /// <summary>
    /// Its data, or what the leader sends, was written by a newer version: that version must be started.
    /// </summary>
    NewerData,

    /// <summary>
    /// It has committed entries that other members don't have: it may be unknown which of them is wrong. A restart
    /// won't help.
    /// </summary>
    Contradiction,
}

/// <summary>Why a node can't go on.</summary>
/// <param name="Reason">What happened and what to do.</param>
/// <param name="Kind">The kind of error.</param>
public sealed record FatalError(string Reason, FatalErrorKind Kind)
{
    /// <summary>Finds the kind by the exception that ended the node.</summary>
    /// <param name="reason">What was being done, for exceptions that do not say what to do.</param>
    /// <param name="cause">The exception; null for none.</param>
    public static FatalError Of(string reason, Exception? cause) =>
        cause switch
        {
            null => new FatalError(reason, FatalErrorKind.Data),
            ContradictionException => new FatalError(reason, FatalErrorKind.Contradiction),
            _ when NewerDataException.In(cause) is { } newer => new FatalError(newer.Message, FatalErrorKind.NewerData),
            _ when OutOfResourcesException.IsIn(cause) => new FatalError(
                cause is OutOfResourcesException ? cause.Message : new OutOfResourcesException(reason).Message,
                FatalErrorKind.Resources
            ),
            IOException or UnauthorizedAccessException => new FatalError(
                cause is DiskException ? cause.Message : new DiskException(reason).Message,
                FatalErrorKind.Disk
            ),
            _ => new FatalError(reason, FatalErrorKind.Data),
        };
}
